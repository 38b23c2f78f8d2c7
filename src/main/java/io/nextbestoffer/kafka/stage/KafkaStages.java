package io.nextbestoffer.kafka.stage;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.errors.UnstableOffsetCommitException;
import org.jspecify.annotations.Nullable;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.nextbestoffer.kafka.topic.ConsumerGroupConfig;
import io.nextbestoffer.kafka.topic.KafkaFutures;
import io.nextbestoffer.kafka.topic.RecordPosition;
import io.nextbestoffer.kafka.topic.TopicConfig;
import io.nextbestoffer.kafka.topic.TopicReader;
import io.nextbestoffer.kafka.topic.TopicTail;
import io.nextbestoffer.kafka.tracing.StageTimer;
import io.nextbestoffer.kafka.tracing.StageTracer;
import io.nextbestoffer.kafka.view.TopicView;
import io.nextbestoffer.kafka.view.TopicViewUpdater;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.smallrye.common.annotation.Identifier;
import io.smallrye.mutiny.Uni;
import io.smallrye.reactive.messaging.kafka.KafkaClientService;

/** Creates stages, tails, readers and producers with the application's Kafka configuration ({@code kafka.*}). */
@ApplicationScoped
public class KafkaStages {

    private static final long MIN_BATCH_BYTES = 1 << 10;
    private static final long MAX_BATCH_BYTES = 1 << 30;

    private final Map<String, Object> kafka;
    private final StageConfig config;
    private final String replicaName;
    private final KafkaClientService clients;
    private final Admin adminClient;
    private final StageAdmin admin;
    private final DeadLetters deadLetters;
    private final MeterRegistry metrics;
    private final StageTracer tracer;
    private final List<ExactlyOnceStage> stages = new CopyOnWriteArrayList<>();

    KafkaStages(@Identifier("default-kafka-broker") Map<String, Object> kafka, StageConfig config,
            TopicConfig topics, ConsumerGroupConfig groups,
            KafkaClientService clients, Admin adminClient, DeadLetters deadLetters, MeterRegistry metrics,
            StageTracer tracer) {
        check(config, topics, groups);
        this.kafka = kafka;
        this.config = config;
        this.replicaName = ReplicaName.of(config);
        this.clients = clients;
        this.adminClient = adminClient;
        this.admin = new StageAdmin(adminClient);
        this.deadLetters = deadLetters;
        this.metrics = metrics;
        this.tracer = tracer;
    }

    /**
     * Rejects properties that conflict with each other, such as equal topics: a stage would read its own output for
     * ever.
     */
    static void check(StageConfig config, TopicConfig topics, ConsumerGroupConfig groups) {
        checkDistinct("nbo.topics", Map.of("activities", topics.activities(), "customers", topics.customers(), "offers",
                topics.offers(), "traces", topics.traces()));
        checkDistinct("nbo.groups", Map.of("activities", groups.activities(), "customers", groups.customers(), "traces",
                groups.traces(), "latest", groups.latest()));
        long bytes = config.batch().bytes().asLongValue();
        if (bytes < MIN_BATCH_BYTES || bytes > MAX_BATCH_BYTES) {
            throw new ConfigurationException("nbo.stream.batch.bytes must be from 1K to 1G");
        }
    }

    private static void checkDistinct(String prefix, Map<String, String> values) {
        var nameOf = new TreeMap<String, String>();
        new TreeMap<>(values).forEach((name, value) -> {
            String other = nameOf.putIfAbsent(value, name);
            if (other != null) {
                throw new ConfigurationException(
                        prefix + "." + other + " and " + prefix + "." + name + " must differ: both are " + value);
            }
        });
    }

    /** The name of this replica in Kafka. */
    public String replicaName() {
        return replicaName;
    }

    /** @param channel an incoming channel of batches, whose polls {@link PollStampInterceptor} stamps */
    public ExactlyOnceStage stage(String channel, Assignments assignments, StageHandler handler) {
        return stage(channel, assignments, config.batch().bytes().asLongValue(), handler);
    }

    /** @param maxBatchBytes replaces the configured limit, for channels with unusually large records */
    public ExactlyOnceStage stage(String channel, Assignments assignments, long maxBatchBytes, StageHandler handler) {
        var timer = new StageTimer(metrics, channel);
        var instrumented = new InstrumentedStageHandler(handler, channel, timer, tracer);
        var producers = new ProducerRotation(kafka, replicaName + "-" + channel);
        var transactions = new StageTransactions(channel, producers, timer);
        var opener = new AssignmentOpener(assignments, () -> clients.getConsumer(channel), admin, transactions,
                instrumented);
        var recovery = new StageRecovery(channel, assignments.gate(), deadLetters, opener::rewind);
        var stage = new ExactlyOnceStage(channel, new PollBuffer(config.batch().records(), maxBatchBytes), assignments,
                instrumented, transactions, opener, recovery);
        stages.add(stage);
        return stage;
    }

    /** Closes the stages before Quarkus closes Postgres and the consumers, which batches in flight still need. */
    void stop(@Observes ShutdownEvent event) {
        stages.forEach(ExactlyOnceStage::close);
    }

    /**
     * Follows a topic.
     *
     * @param group the tail starts at its committed offsets; null to start at the end of the topic
     * @param name the name of the client, for the broker's logs
     */
    public TopicTail tail(String topic, @Nullable String group, String name, TopicTail.Listener listener) {
        return new TopicTail(kafka, adminClient, topic, group, replicaName + "-" + name, listener);
    }

    /**
     * Keeps a view of a topic up to date, from now on.
     *
     * @param name of the client, for the broker's logs
     * @param isBusy whether there is urgent work that needs the CPU and Postgres
     * @param lag records how late the view is
     */
    public TopicViewUpdater view(String topic, String group, String name, TopicView view, BooleanSupplier isBusy,
            Timer lag) {
        return new TopicViewUpdater(kafka, topic, group, replicaName + "-" + name, view, isBusy, lag);
    }

    /**
     * Reads a topic once.
     *
     * @param name the name of the client, for the broker's logs
     * @param maxRecords the maximum number of records that {@link TopicReader#next} returns
     */
    public TopicReader reader(String topic, String name, int maxRecords) {
        return new TopicReader(kafka, adminClient, topic, replicaName + "-" + name, maxRecords);
    }

    /**
     * A topic that exists.
     *
     * @param id differs from that of an earlier or later topic with the same name
     */
    public record Topic(UUID id, int partitions) {
    }

    /** @return null if there is no such topic */
    public Uni<@Nullable Topic> topic(String name) {
        return KafkaFutures.uni(() -> adminClient.describeTopics(Set.of(name)).topicNameValues().get(name))
                .map(found -> new Topic(RecordPosition.topicId(found.topicId()), found.partitions().size()))
                .onFailure(UnknownTopicOrPartitionException.class).recoverWithNull();
    }

    /**
     * Returns the metadata that a group committed last with an offset of this partition; null if there is none.
     *
     * @return a Uni that fails with an {@link UnstableOffsetCommitException} while a transaction with such an offset is
     *     open
     */
    public Uni<@Nullable String> metadata(String group, TopicPartition partition) {
        return admin.committedOffsets(group, List.of(partition)).map(offsets -> offsets.get(partition))
                .map(offset -> offset == null ? null : offset.metadata());
    }

    /** @param transactionalId opening another producer with the same id fences this one */
    public TransactionalProducer producer(String transactionalId) {
        return new TransactionalProducer(kafka, transactionalId);
    }

    @Singleton
    static class Clients {

        @Produces
        @Singleton
        Admin admin(@Identifier("default-kafka-broker") Map<String, Object> kafka, StageConfig config) {
            var configuration = new HashMap<>(kafka);
            configuration.put(AdminClientConfig.CLIENT_ID_CONFIG, ReplicaName.of(config) + "-admin");
            configuration.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 10_000);
            configuration.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, 5_000);
            return Admin.create(configuration);
        }

        void close(@Disposes Admin admin) {
            admin.close();
        }

        @Produces
        @Singleton
        DeadLetters deadLetters(StageConfig config) {
            return new DeadLetters(config.deadLetterSuffix());
        }
    }
}
