package io.nextbestoffer.customer;

import static io.nextbestoffer.kafka.topic.KafkaFutures.uni;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

import jakarta.enterprise.context.ApplicationScoped;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.jboss.logging.Logger;

import io.nextbestoffer.kafka.topic.ConsumerGroupConfig;
import io.nextbestoffer.kafka.topic.TopicConfig;
import io.quarkus.runtime.Startup;
import io.smallrye.mutiny.TimeoutException;
import io.smallrye.mutiny.Uni;

/**
 * Delays deciding at start until the changes that the topic contains are in Postgres. Otherwise the first start would
 * park every activity.
 */
@Startup
@ApplicationScoped
public class CatchUp {

    private static final Logger LOG = Logger.getLogger(CatchUp.class);
    private static final Duration POLL_INTERVAL = Duration.ofMillis(250);

    private final Admin admin;
    private final String topic;
    private final String group;
    private final Uni<Void> done;
    private volatile boolean over;

    CatchUp(Admin admin, CustomerConfig config, TopicConfig topics, ConsumerGroupConfig groups) {
        this.admin = admin;
        this.topic = topics.customers();
        this.group = groups.customers();
        done = Uni.createFrom().deferred(this::endOffsets)
                .chain(this::reachedBy)
                .onFailure().retry().withBackOff(POLL_INTERVAL, Duration.ofSeconds(2)).indefinitely()
                .replaceWithVoid()
                .ifNoItem().after(config.catchUp()).fail()
                .onFailure(TimeoutException.class).recoverWithItem(() -> {
                    LOG.warnf("not all customer changes in %s were applied within %s; deciding begins anyway",
                            topic, config.catchUp());
                    return null;
                })
                .invoke(() -> {
                    over = true;
                    LOG.info("no longer waiting for customer changes; deciding begins");
                })
                .memoize().indefinitely();
        done.subscribe().with(ignored -> {
        });
    }

    /** Completes when the group has applied the changes that the topic had at start, or at a timeout. Never fails. */
    public Uni<Void> done() {
        return done;
    }

    public boolean isOver() {
        return over;
    }

    /** @return whether the group applies the changes that are in the topic now within this time */
    public Uni<Boolean> isCaughtUp(Duration timeout) {
        return endOffsets().chain(this::reachedBy).replaceWith(true)
                .ifNoItem().after(timeout).recoverWithItem(false);
    }

    private Uni<Boolean> reachedBy(Map<TopicPartition, Long> ends) {
        return Uni.createFrom().deferred(() -> reached(ends)).repeat().withDelay(POLL_INTERVAL)
                .until(reached -> reached)
                .collect().last();
    }

    /** The end offsets of the partitions that are not empty. */
    private Uni<Map<TopicPartition, Long>> endOffsets() {
        return uni(() -> admin.describeTopics(Set.of(topic)).allTopicNames())
                .map(topics -> topics.get(topic).partitions().stream()
                        .map(partition -> new TopicPartition(topic, partition.partition())).toList())
                .chain(partitions -> offsets(partitions, OffsetSpec.earliest())
                        .chain(begins -> offsets(partitions, OffsetSpec.latest()).map(ends -> {
                            ends.entrySet().removeIf(end -> end.getValue() <= begins.get(end.getKey()));
                            return ends;
                        })));
    }

    private Uni<Map<TopicPartition, Long>> offsets(List<TopicPartition> partitions, OffsetSpec spec) {
        return uni(() -> admin.listOffsets(partitions.stream()
                .collect(Collectors.toMap(partition -> partition, partition -> spec)),
                new ListOffsetsOptions(IsolationLevel.READ_COMMITTED)).all())
                .map(found -> found.entrySet().stream()
                        .collect(Collectors.toMap(Map.Entry::getKey, entry -> entry.getValue().offset())));
    }

    private Uni<Boolean> reached(Map<TopicPartition, Long> ends) {
        return uni(() -> admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata())
                .map(committed -> ends.entrySet().stream().allMatch(end -> {
                    OffsetAndMetadata offset = committed.get(end.getKey());
                    return offset != null && offset.offset() >= end.getValue();
                }));
    }
}
