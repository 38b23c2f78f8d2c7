package io.nextbestoffer.benchmark.plain;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;

import io.nextbestoffer.benchmark.peer.PeerChange;
import io.nextbestoffer.benchmark.peer.PeerCustomer;
import io.nextbestoffer.benchmark.peer.PeerJsonSerde;

/** Reads the topic of customers once, before the first activity. It does not follow later changes. */
final class PlainCustomers {
    private PlainCustomers() {
    }

    /** Returns the customers by their keys. */
    static Map<String, PeerCustomer> read(String brokers, String topic) {
        Map<String, PeerCustomer> customers = new HashMap<>();
        try (KafkaConsumer<String, PeerChange> changes = new KafkaConsumer<>(
                Map.of("bootstrap.servers", brokers, "enable.auto.commit", false, "max.poll.records", 5_000),
                new StringDeserializer(), PeerJsonSerde.of(PeerChange.class).deserializer())) {
            List<TopicPartition> partitions = changes.partitionsFor(topic).stream()
                    .map(partition -> new TopicPartition(topic, partition.partition())).toList();
            changes.assign(partitions);
            changes.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = changes.endOffsets(partitions);
            while (partitions.stream().anyMatch(one -> changes.position(one) < ends.get(one))) {
                for (ConsumerRecord<String, PeerChange> record : changes.poll(Duration.ofSeconds(1))) {
                    if (record.value() == null || record.value().after() == null) {
                        customers.remove(record.key());
                    } else {
                        customers.put(record.key(), record.value().after());
                    }
                }
            }
        }
        return customers;
    }
}
