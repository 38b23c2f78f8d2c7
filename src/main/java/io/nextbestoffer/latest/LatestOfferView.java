package io.nextbestoffer.latest;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.LongStream;

import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.nextbestoffer.attribute.InvalidInputException;
import io.nextbestoffer.customer.CatchUp;
import io.nextbestoffer.history.LineIndex;
import io.nextbestoffer.job.Backlog;
import io.nextbestoffer.kafka.stage.KafkaStages;
import io.nextbestoffer.kafka.topic.ConsumerGroupConfig;
import io.nextbestoffer.kafka.topic.TopicConfig;
import io.nextbestoffer.kafka.view.TopicView;
import io.nextbestoffer.kafka.view.TopicViewUpdater;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.Startup;
import io.smallrye.mutiny.Uni;

/**
 * The view of latest offers: reads the committed decisions, and keeps one row per customer in Postgres. Of the
 * decisions that it has gathered, it stores only the latest of each customer, so that its cost depends on the number of
 * customers rather than the number of decisions.
 */
@Startup
@ApplicationScoped
class LatestOfferView implements TopicView {

    private static final Logger LOG = Logger.getLogger(LatestOfferView.class);

    /** Bytes of the records that are gathered: the decisions in them stay in memory until they are stored. */
    private static final int MAX_BYTES = 16 << 20;

    private static final Duration[] LAG_BUCKETS = LongStream.of(25, 50, 100, 150, 250, 500, 1_000, 5_000, 60_000)
            .mapToObj(Duration::ofMillis).toArray(Duration[]::new);

    private final LatestOffers offers;
    private final Clock clock;
    private final Counter unreadable;
    private final Map<String, LatestOffers.Decided> latest = new HashMap<>();
    private int bytes;
    private volatile @Nullable TopicViewUpdater updater;
    private volatile boolean stopping;

    LatestOfferView(LatestOffers offers, LatestOfferConfig config, Clock clock, Backlog backlog, CatchUp catchUp,
            TopicConfig topics, ConsumerGroupConfig groups, KafkaStages stages, MeterRegistry metrics) {
        this.offers = offers;
        this.clock = clock;
        unreadable = Counter.builder("nbo.latest.unreadable")
                .description("Records of the decision log that the view of latest offers can't read")
                .register(metrics);
        Timer lag = Timer.builder("nbo.latest.lag")
                .description("Time from a decision until it is stored as the latest offer; while Postgres does not"
                        + " answer, the age of the decision that has waited longest")
                .serviceLevelObjectives(LAG_BUCKETS).register(metrics);
        if (config.store()) {
            // Before the catch-up, customers may be missing, and their offers would not be stored
            catchUp.done().subscribe().with(ready -> start(stages, topics, groups, backlog, lag));
        }
    }

    private synchronized void start(KafkaStages stages, TopicConfig topics, ConsumerGroupConfig groups, Backlog backlog,
            Timer lag) {
        if (!stopping) {
            updater = stages.view(topics.traces(), groups.latest(), "latest-offers", this, backlog::exists, lag);
        }
    }

    @Override
    public void add(ConsumerRecord<byte[], byte[]> record) {
        bytes += record.serializedValueSize() + indexBytes(record);
        Instant latestTime = clock.instant().plus(LineIndex.MAX_CLOCK_SKEW);
        try {
            // Records without an index are skipped: the earlier release that wrote them stores latest offers itself
            LineIndex.read(record,
                    line -> latest.merge(line.customer(), decided(line, latestTime), LatestOffers.Decided::later));
        } catch (InvalidInputException e) {
            // The stage of the decision log sends the record to the dead-letter topic
            unreadable.increment();
            LOG.warnf("record %s/%d of the decision log is skipped: %s", record.partition(), record.offset(),
                    e.getMessage());
        }
    }

    private static int indexBytes(ConsumerRecord<?, ?> record) {
        int sum = 0;
        for (Header header : record.headers()) {
            sum += header.value() == null ? 0 : header.value().length;
        }
        return sum;
    }

    /** @throws InvalidInputException if the line can't be of this service; Postgres could not store some of these */
    private static LatestOffers.Decided decided(LineIndex.Line line, Instant latestTime) {
        if (line.position().partition() < 0 || line.position().offset() < 0 || line.decidedAt().isBefore(Instant.EPOCH)
                || line.decidedAt().isAfter(latestTime)) {
            throw new InvalidInputException("position or time of a decision is out of range");
        }
        return new LatestOffers.Decided(line.position(), line.recordTime(), line.customer(), line.decisionId(),
                line.decidedAt(), line.decision(), line.inputs());
    }

    @Override
    public boolean isFull() {
        return bytes >= MAX_BYTES;
    }

    @Override
    public Uni<Void> store() {
        // Only now, because most decisions have been replaced by later ones
        latest.values().removeIf(one -> !isOwn(one));
        return offers.save(latest.values()).invoke(() -> {
            latest.clear();
            bytes = 0;
        });
    }

    /** Whether the id in the offer is that of its position: otherwise it would keep later offers from being stored. */
    private boolean isOwn(LatestOffers.Decided decided) {
        boolean own = decided.decisionId().equals(decided.position().decisionId());
        if (!own) {
            unreadable.increment();
        }
        return own;
    }

    /** Stores what is gathered before Quarkus closes Postgres, but after the stages have committed their batches. */
    void stop(@Observes @Priority(4000) ShutdownEvent event) {
        synchronized (this) {
            stopping = true;
        }
        TopicViewUpdater running = updater;
        if (running != null) {
            running.close();
        }
    }
}
