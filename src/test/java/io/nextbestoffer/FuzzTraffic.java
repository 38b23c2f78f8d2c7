package io.nextbestoffer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArraySerializer;

import io.nextbestoffer.fuzz.FuzzGenerator;
import io.nextbestoffer.fuzz.FuzzedRecord;
import io.nextbestoffer.sandbox.SandboxKafka;

/** Sends fuzzed records, remembers their positions, and waits until a consumer group has processed them. */
final class FuzzTraffic implements AutoCloseable {

    /** Maximum time without progress. */
    private static final long TIMEOUT_NS = 40_000_000_000L;

    private final Admin admin;
    private final List<KafkaProducer<byte[], byte[]>> producers = new ArrayList<>();
    private final List<FuzzedRecord> records = new ArrayList<>();
    private final List<Future<RecordMetadata>> sent = new ArrayList<>();
    private int mutated;
    private final Map<TopicPartition, TreeMap<Long, FuzzedRecord>> positions = new HashMap<>();

    FuzzTraffic(SandboxKafka kafka) {
        admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()));
        // Compressed records can be larger than the limit of a broker
        for (String compression : List.of("none", "gzip")) {
            producers.add(new KafkaProducer<>(Map.of("bootstrap.servers", kafka.bootstrapServers(), "acks", "all",
                    "max.request.size", 8_000_000, "linger.ms", 5, "batch.size", 65_536, "compression.type",
                    compression), new ByteArraySerializer(), new ByteArraySerializer()));
        }
    }

    /** Lets a topic accept any timestamp and keep records with old ones. */
    void allowAnyTimestamp(String topic) throws Exception {
        admin.incrementalAlterConfigs(Map.of(new ConfigResource(ConfigResource.Type.TOPIC, topic), List.of(
                set("message.timestamp.after.max.ms", Long.toString(FuzzGenerator.MAX_TIMESTAMP)),
                set("retention.ms", "-1")))).all()
                .get();
    }

    private static AlterConfigOp set(String name, String value) {
        return new AlterConfigOp(new ConfigEntry(name, value), AlterConfigOp.OpType.SET);
    }

    void send(String topic, FuzzedRecord record) {
        var producer = producers.get(sent.size() / 1_000 % producers.size());
        records.add(record);
        mutated += record.mutated() ? 1 : 0;
        sent.add(producer.send(new ProducerRecord<>(topic, record.partition(), record.timestamp(), record.key(),
                record.value(), record.headers())));
    }

    /** The number of records that the generator has mutated. */
    int mutated() {
        return mutated;
    }

    /** Waits until Kafka has acknowledged all records, and remembers their positions. */
    void settle() throws InterruptedException, ExecutionException {
        for (int i = 0; i < sent.size(); i++) {
            RecordMetadata at = sent.get(i).get();
            positions.computeIfAbsent(new TopicPartition(at.topic(), at.partition()), partition -> new TreeMap<>())
                    .put(at.offset(), records.get(i));
        }
        sent.clear();
        records.clear();
    }

    /** The records that were sent to a topic, by position. */
    Map<TopicPartition, TreeMap<Long, FuzzedRecord>> sentTo(String topic) {
        var found = new LinkedHashMap<TopicPartition, TreeMap<Long, FuzzedRecord>>();
        positions.forEach((partition, records) -> {
            if (partition.topic().equals(topic)) {
                found.put(partition, records);
            }
        });
        return found;
    }

    /** Waits until the group has committed the end of every partition; fails if the group makes no progress. */
    void awaitPast(String group, String topic, Runnable check) throws Exception {
        long best = -1;
        long bestAt = System.nanoTime();
        while (true) {
            check.run();
            var committed = admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get();
            long done = committed.values().stream().mapToLong(OffsetAndMetadata::offset).sum();
            var late = new LinkedHashMap<TopicPartition, Long>();
            sentTo(topic).forEach((partition, records) -> {
                OffsetAndMetadata offset = committed.get(partition);
                if (offset == null || offset.offset() <= records.lastKey()) {
                    late.put(partition, offset == null ? 0 : offset.offset());
                }
            });
            if (late.isEmpty()) {
                return;
            }
            if (done > best) {
                best = done;
                bestAt = System.nanoTime();
            }
            assertThat(System.nanoTime() - bestAt).as(() -> "stall of " + group + ": " + dump(late))
                    .isLessThan(TIMEOUT_NS);
            Thread.sleep(200);
        }
    }

    private String dump(Map<TopicPartition, Long> late) {
        var dump = new StringBuilder();
        late.forEach((partition, offset) -> {
            var next = positions.get(partition).ceilingEntry(offset);
            dump.append('\n').append(partition).append(" at ").append(offset).append(" of ")
                    .append(positions.get(partition).lastKey()).append(", next ").append(next.getValue().dump());
        });
        return dump.toString();
    }

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        producers.forEach(KafkaProducer::close);
        admin.close();
    }
}
