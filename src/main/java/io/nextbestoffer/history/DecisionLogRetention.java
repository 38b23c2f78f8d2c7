package io.nextbestoffer.history;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.function.Supplier;

import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;

import org.jboss.logging.Logger;

import io.nextbestoffer.platform.Ticker;
import io.quarkus.runtime.Startup;
import io.smallrye.mutiny.Uni;

/**
 * Maintains the decision log. Every hour: drops decisions that are too old, creates the partitions of the next day, and
 * erases remaining decisions of deleted customers. More often: merges rows of its index. Every replica does this,
 * because possibly no other replica stores decisions.
 */
@Startup
@ApplicationScoped
class DecisionLogRetention {

    private static final Logger LOG = Logger.getLogger(DecisionLogRetention.class);
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final Duration MERGE_INTERVAL = Duration.ofSeconds(10);

    /** One retry per minute, so that the retries end before the next hour. */
    private static final int RETRIES = 30;

    private final Duration retention;
    private final Clock clock;
    private final List<Ticker> tasks;

    DecisionLogRetention(DecisionLogStoreConfig config, DecisionLogPartitions partitions, DecisionLog log,
            DecisionIndex index, Clock clock) {
        this.retention = config.retention();
        this.clock = clock;
        tasks = List.of(
                hourly("old decisions stay for now", () -> partitions.dropBefore(firstDay())
                        .invoke(dropped -> LOG.debugf("dropped %d tables of old decisions", dropped))),
                // In advance, so that the first decision of a day does not have to wait for its partition
                hourly("tomorrow's decisions have no partitions for now", () -> config.store()
                        ? partitions.create(List.of(day(clock.instant()), day(clock.instant()).plusDays(1)))
                        : Uni.createFrom().voidItem()),
                hourly("decisions for deleted customers may stay for now", () -> log.eraseDeleted()
                        .invoke(erased -> LOG.debugf("erased decisions for %d deleted customers", erased))),
                Ticker.every(MERGE_INTERVAL, () -> config.store() ? index.merge() : Uni.createFrom().item(0),
                        failure -> LOG.warnf("look-ups of past decisions become slower: %s",
                                failure.getClass().getName())));
    }

    /** Runs a task now and every hour, and again a minute after each failure. */
    private static Ticker hourly(String failureMessage, Supplier<Uni<?>> task) {
        return Ticker.every(Duration.ofHours(1), () -> Uni.createFrom().deferred(() -> task.get().replaceWithVoid())
                .onFailure().invoke(failure -> LOG.warnf("%s: %s", failureMessage, failure.getClass().getName()))
                .onFailure().retry().withBackOff(MINUTE, MINUTE).atMost(RETRIES),
                failure -> LOG.debugf("%s until the next hour", failureMessage));
    }

    /** The first day, in UTC, whose decisions are kept. */
    LocalDate firstDay() {
        return day(clock.instant().minus(retention));
    }

    private static LocalDate day(Instant time) {
        return LocalDate.ofInstant(time, ZoneOffset.UTC);
    }

    @PreDestroy
    void close() {
        tasks.forEach(Ticker::close);
    }
}
