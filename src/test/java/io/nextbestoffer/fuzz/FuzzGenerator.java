package io.nextbestoffer.fuzz;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;

/** Generates activities and changes, most of them damaged. The same seed generates the same records. */
public final class FuzzGenerator {

    private static final List<String> HEADER_NAMES = List.of("traceparent", "dead-letter-reason", "dead-letter-cause",
            "dead-letter-topic", "dead-letter-partition", "dead-letter-offset", "dead-letter-original-size",
            "__connect.errors.topic", "ce_type", "content-type", "", " ", "é😀", "\u0000", "h".repeat(1_000));

    /** Half the maximum, because Kafka adds this limit to the current time, and the sum must not overflow. */
    public static final long MAX_TIMESTAMP = Long.MAX_VALUE / 2;
    private static final List<Long> TIMESTAMPS = List.of(0L, 1L, 253_402_300_800_000L, MAX_TIMESTAMP);

    /** Kafka's default limit, less its overhead. */
    private static final int MAX_BYTES = 1_048_000;

    private static final int MAX_DAMAGED_BYTES = 600_000;

    private final Random random;
    private final WireSamples samples;
    private final RecordMutator mutator;
    private final int partitions;

    public FuzzGenerator(long seed, int partitions) {
        random = new Random(seed);
        samples = new WireSamples(random);
        mutator = new RecordMutator(random);
        this.partitions = partitions;
    }

    public FuzzedRecord activity() {
        Long timestamp = random.nextInt(50) == 0 ? TIMESTAMPS.get(random.nextInt(TIMESTAMPS.size())) : null;
        return record(samples.activity(), timestamp);
    }

    public FuzzedRecord change() {
        return record(samples.change(), null);
    }

    /** An activity near Kafka's limit that has no other fault. */
    public FuzzedRecord largeActivity() {
        return large(samples.activity());
    }

    public FuzzedRecord largeChange() {
        return large(samples.change());
    }

    private FuzzedRecord record(WireSamples.Sample sample, Long timestamp) {
        // A quarter of the values stay unchanged; in most of these records, key, partition or headers are wrong
        boolean damage = sample.value() != null && random.nextInt(4) != 0;
        byte[] value = damage ? mutator.value(sample.value()) : sample.value();
        if (value != null && value.length > MAX_DAMAGED_BYTES) {
            value = Arrays.copyOf(value, MAX_DAMAGED_BYTES);
        }
        byte[] key = random.nextInt(damage ? 10 : 3) == 0 ? mutator.key(sample.key()) : sample.key();
        Integer partition = random.nextInt(damage ? 8 : 2) == 0 ? random.nextInt(partitions) : null;
        List<Header> headers = random.nextInt(damage ? 12 : 2) == 0 ? headers() : List.of();
        boolean mutated = damage || key != sample.key() || partition != null || !headers.isEmpty() || timestamp != null;
        return new FuzzedRecord(key, value, headers, partition, timestamp, mutated);
    }

    private FuzzedRecord large(WireSamples.Sample sample) {
        String value = sample.value() == null ? "{}" : new String(sample.value(), StandardCharsets.UTF_8);
        int size = List.of(MAX_BYTES, 1_000_000, 999_000, 500_000).get(random.nextInt(4)) - 200;
        int each = random.nextInt(3) == 0 ? 100_000 : 60_000;
        var padded = new StringBuilder(value.substring(0, value.length() - 1));
        for (int i = 0; padded.length() + each + 20 < size; i++) {
            padded.append(padded.length() > 1 ? "," : "").append("\"pad").append(i).append("\":\"")
                    .append("x".repeat(each)).append('"');
        }
        padded.append("}");
        // White space pads the record to the exact size, so that it exceeds a limit by a few bytes at most
        int left = size - padded.toString().getBytes(StandardCharsets.UTF_8).length;
        padded.append(" ".repeat(Math.max(0, left)));
        return new FuzzedRecord(sample.key(), padded.toString().getBytes(StandardCharsets.UTF_8), List.of(), null, null,
                true);
    }

    private List<Header> headers() {
        int count = random.nextInt(30) == 0 ? 300 : 1 + random.nextInt(4);
        var headers = new ArrayList<Header>();
        for (int i = 0; i < count; i++) {
            byte[] value = new byte[random.nextInt(40)];
            random.nextBytes(value);
            headers.add(new RecordHeader(HEADER_NAMES.get(random.nextInt(HEADER_NAMES.size())),
                    random.nextInt(6) == 0 ? null : value));
        }
        return headers;
    }
}
