package io.nextbestoffer.decision;

import java.time.Clock;

import jakarta.enterprise.context.ApplicationScoped;

import org.jspecify.annotations.Nullable;

import io.micrometer.core.instrument.MeterRegistry;
import io.nextbestoffer.activity.ActivityCodec;
import io.nextbestoffer.decision.record.OfferRecordFactory;
import io.nextbestoffer.governance.Snapshot;
import io.nextbestoffer.governance.Snapshots;
import io.nextbestoffer.history.DecisionLogWriter;
import io.nextbestoffer.kafka.stage.DeadLetters;
import io.nextbestoffer.kafka.topic.TopicConfig;
import io.quarkus.runtime.ImageMode;

/** Begins decision sessions while strategies, catalog and output allow decisions. */
@ApplicationScoped
class DecisionSessions {

    private final Snapshots snapshots;
    private final OfferRecordFactory offerRecords;
    private final DeadLetters deadLetters;
    private final TopicConfig topics;
    private final Clock clock;
    private final DecisionConfig config;
    private final MeterRegistry metrics;

    DecisionSessions(Snapshots snapshots, OfferRecordFactory offerRecords, DeadLetters deadLetters, TopicConfig topics,
            Clock clock, DecisionConfig config, MeterRegistry metrics) {
        this.snapshots = snapshots;
        this.offerRecords = offerRecords;
        this.deadLetters = deadLetters;
        this.topics = topics;
        this.clock = clock;
        this.config = config;
        this.metrics = metrics;
        DecisionSession.registerMetrics(metrics);
    }

    /** Decides synthetic activities, so that the code is compiled before the first real one. Blocks. */
    void warmUp(ActivityCodec codec) {
        Snapshot snapshot = snapshots.forActivities();
        // The code of a native executable is compiled already
        if (snapshot != null && ImageMode.current() != ImageMode.NATIVE_RUN) {
            new DecisionWarmUp(snapshot.active().strategies().values(), codec).run(this::begin, config.warmUp());
        }
    }

    boolean canBegin() {
        return snapshots.forActivities() != null && offerRecords.obstacle() == null;
    }

    boolean isPostgresReachable() {
        return snapshots.isPostgresReachable();
    }

    /** Fails if a partition that this replica takes over could have been decided by a newer snapshot than its own. */
    void requireCurrentSnapshot() {
        snapshots.requireCurrent();
    }

    /** @return null if there are no strategies or no catalog to decide with */
    @Nullable
    DecisionSession tryBegin() {
        Snapshot snapshot = snapshots.forActivities();
        return snapshot == null
                ? null
                : new DecisionSession(snapshot, offerRecords, deadLetters,
                        new DecisionLogWriter(topics.traces(), deadLetters.limit()), clock, metrics);
    }

    /** @throws IllegalStateException if there are no strategies or no catalog to decide with */
    DecisionSession begin() {
        DecisionSession session = tryBegin();
        if (session == null) {
            throw new IllegalStateException(snapshots.obstacle());
        }
        return session;
    }
}
