package io.nextbestoffer.kafka.stage;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsOptions;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.errors.UnstableOffsetCommitException;
import org.jspecify.annotations.Nullable;

import io.micrometer.core.instrument.MeterRegistry;
import io.nextbestoffer.kafka.topic.ConsumerGroupConfig;
import io.nextbestoffer.kafka.topic.KafkaFutures;
import io.nextbestoffer.kafka.topic.RecordPosition;
import io.nextbestoffer.kafka.topic.TopicConfig;
import io.nextbestoffer.kafka.topic.TopicReader;
import io.nextbestoffer.kafka.topic.TopicTail;
import io.nextbestoffer.kafka.tracing.StageTimer;
import io.nextbestoffer.kafka.tracing.StageTracer;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.smallrye.common.annotation.Identifier;
import io.smallrye.mutiny.Uni;
import io.smallrye.reactive.messaging.kafka.KafkaClientService;

/** Makes stages and tails with the application's Kafka configuration ({@code kafka.*}). */
@ApplicationScoped
public class KafkaStages {

    private static final long LEAST_BATCH = 1 << 10;
    private static final long MOST_BATCH = 1 << 30;

    private final Map<String, Object> kafka;
    private final StageConfig config;
    private final String instance;
    private final KafkaClientService clients;
    private final Admin admin;
    private final DeadLetters deadLetters;
    private final MeterRegistry metrics;
    private final StageTracer spans;
    private final List<ExactlyOnceStage> stages = new CopyOnWriteArrayList<>();

    KafkaStages(@Identifier("default-kafka-broker") Map<String, Object> kafka, StageConfig config,
            TopicConfig topics, ConsumerGroupConfig groups,
            KafkaClientService clients, Admin admin, DeadLetters deadLetters, MeterRegistry metrics,
            StageTracer spans) {
        check(config, topics, groups);
        this.kafka = kafka;
        this.config = config;
        this.instance = ReplicaName.name(config);
        this.clients = clients;
        this.admin = admin;
        this.deadLetters = deadLetters;
        this.metrics = metrics;
        this.spans = spans;
    }

    /** What one property alone can't tell. A stage that reads what it writes would never end. */
    static void check(StageConfig config, TopicConfig topics, ConsumerGroupConfig groups) {
        differ("nbo.topics", Map.of("activities", topics.activities(), "customers", topics.customers(), "offers",
                topics.offers(), "traces", topics.traces()));
        differ("nbo.groups", Map.of("activities", groups.activities(), "customers", groups.customers(), "traces",
                groups.traces()));
        long bytes = config.batch().bytes().asLongValue();
        if (bytes < LEAST_BATCH || bytes > MOST_BATCH) {
            throw new ConfigurationException("nbo.stream.batch.bytes must be from 1K to 1G");
        }
    }

    private static void differ(String prefix, Map<String, String> values) {
        var by = new TreeMap<String, String>();
        new TreeMap<>(values).forEach((name, value) -> {
            String other = by.putIfAbsent(value, name);
            if (other != null) {
                throw new ConfigurationException(
                        prefix + "." + other + " and " + prefix + "." + name + " must differ: both are " + value);
            }
        });
    }

    /** What this replica is called in Kafka. */
    public String instance() {
        return instance;
    }

    /** @param channel an incoming channel of batches that {@link PollStampInterceptor} stamps */
    public ExactlyOnceStage stage(String channel, Assignments assignments, ExactlyOnceStage.StageHandler work) {
        return stage(channel, assignments, config.batch().bytes().asLongValue(), work);
    }

    /** @param batchBytes most bytes of a batch, where its records are larger than those of others */
    public ExactlyOnceStage stage(String channel, Assignments assignments, long batchBytes,
            ExactlyOnceStage.StageHandler work) {
        var producers = new ProducerRotation(kafka, instance + "-" + channel);
        var inbox = new PollBuffer(config.batch().records(), batchBytes);
        var stage = new ExactlyOnceStage(channel, clients, admin, producers, deadLetters, assignments, inbox, work,
                new StageTimer(metrics, channel), spans);
        stages.add(stage);
        return stage;
    }

    /** The batch in flight needs Postgres and its consumer: this comes before Quarkus closes the one, then the other. */
    void stop(@Observes ShutdownEvent event) {
        stages.forEach(ExactlyOnceStage::close);
    }

    /**
     * @param group from whose committed offsets to start; null to start from the end
     * @param name of the client, for the broker's logs
     */
    public TopicTail tail(String topic, @Nullable String group, String name, TopicTail.Listener listener) {
        return new TopicTail(kafka, admin, topic, group, instance + "-" + name, listener);
    }

    /**
     * @param name of the client, for the broker's logs
     * @param mostRecords of one {@link TopicReader#next}
     */
    public TopicReader reader(String topic, String name, int mostRecords) {
        return new TopicReader(kafka, admin, topic, instance + "-" + name, mostRecords);
    }

    /**
     * A topic as it is now.
     *
     * @param id tells it from an earlier or later one of the same name
     */
    public record Topic(UUID id, int partitions) {
    }

    /** @return null if there is none */
    public Uni<@Nullable Topic> topic(String name) {
        return KafkaFutures.uni(() -> admin.describeTopics(Set.of(name)).topicNameValues().get(name))
                .map(found -> new Topic(RecordPosition.topicId(found.topicId()), found.partitions().size()))
                .onFailure(UnknownTopicOrPartitionException.class).recoverWithNull();
    }

    /** The metadata that a group committed last with an offset, once no transaction is open; null if there is none. */
    public Uni<@Nullable String> metadata(String group, TopicPartition partition) {
        return KafkaFutures.uni(() -> admin.listConsumerGroupOffsets(
                Map.of(group, new ListConsumerGroupOffsetsSpec().topicPartitions(List.of(partition))),
                new ListConsumerGroupOffsetsOptions().requireStable(true)).partitionsToOffsetAndMetadata())
                .map(found -> {
                    if (!found.containsKey(partition)) {
                        throw new UnstableOffsetCommitException("offset in an open transaction");
                    }
                    return found.get(partition) == null ? null : found.get(partition).metadata();
                });
    }

    /** @param transactionalId who opens another of the same ends what this one does */
    public TransactionalProducer producer(String transactionalId) {
        return new TransactionalProducer(kafka, transactionalId);
    }

    @Singleton
    static class Clients {

        @Produces
        @Singleton
        Admin admin(@Identifier("default-kafka-broker") Map<String, Object> kafka, StageConfig config) {
            var configuration = new HashMap<>(kafka);
            configuration.put(AdminClientConfig.CLIENT_ID_CONFIG, ReplicaName.name(config) + "-admin");
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
