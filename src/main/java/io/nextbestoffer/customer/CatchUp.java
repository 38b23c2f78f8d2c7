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
 * At start, waits until the customers that are in the topic already are in Postgres. Otherwise the first start would
 * park everything.
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
                    LOG.warnf("customer changes in %s are not all applied after %s; deciding begins all the same",
                            topic, config.catchUp());
                    return null;
                })
                .invoke(() -> {
                    over = true;
                    LOG.info("customer changes are caught up; deciding begins");
                })
                .memoize().indefinitely();
        done.subscribe().with(ignored -> {
        });
    }

    /** Completes once the group has applied what was there at start, or the time for that is over. Never fails. */
    public Uni<Void> done() {
        return done;
    }

    public boolean isOver() {
        return over;
    }

    /** @return whether the group has applied what is in the topic at this moment, or does within this time */
    public Uni<Boolean> isCaughtUp(Duration within) {
        return endOffsets().chain(this::reachedBy).replaceWith(true)
                .ifNoItem().after(within).recoverWithItem(false);
    }

    private Uni<Boolean> reachedBy(Map<TopicPartition, Long> ends) {
        return Uni.createFrom().deferred(() -> reached(ends)).repeat().withDelay(POLL_INTERVAL)
                .until(reached -> reached)
                .collect().last();
    }

    /** Of partitions that have anything to read. */
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

    private Uni<Map<TopicPartition, Long>> offsets(List<TopicPartition> partitions, OffsetSpec which) {
        return uni(() -> admin.listOffsets(partitions.stream().collect(Collectors.toMap(one -> one, one -> which)),
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
