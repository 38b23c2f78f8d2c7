package io.nextbestoffer.fuzz;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;

import org.apache.kafka.common.header.Header;

/**
 * A generated record to send. It contains no real data, so tests may print it.
 *
 * @param partition null: chosen by the key
 * @param timestamp null: now
 * @param mutated whether a part differs from the valid sample
 */
public record FuzzedRecord(byte[] key, byte[] value, List<Header> headers, Integer partition, Long timestamp,
        boolean mutated) {

    private static final int MAX_DUMPED = 600;

    /** Key and value as text with unusual bytes escaped, and in hexadecimal. */
    public String dump() {
        var dump = new StringBuilder();
        dump.append("\n    key     ").append(escaped(key)).append("\n    key hex ").append(hex(key))
                .append("\n    value   ").append(escaped(value)).append("\n    val hex ").append(hex(value))
                .append("\n    timestamp ").append(timestamp).append(", requested partition ").append(partition)
                .append(", ").append(headers.size()).append(" headers");
        headers.stream().limit(5).forEach(header -> dump.append("\n      ")
                .append(escaped(header.key().getBytes(StandardCharsets.UTF_8))).append(" = ")
                .append(escaped(header.value())));
        return dump.toString();
    }

    private static String escaped(byte[] bytes) {
        if (bytes == null) {
            return "null";
        }
        var text = new StringBuilder();
        for (int i = 0; i < Math.min(bytes.length, MAX_DUMPED); i++) {
            int b = bytes[i] & 0xff;
            text.append(b >= 0x20 && b < 0x7f && b != '\\' ? String.valueOf((char) b) : String.format("\\x%02x", b));
        }
        return text.append(" (").append(bytes.length).append(" bytes)").toString();
    }

    private static String hex(byte[] bytes) {
        return bytes == null ? "null" : HexFormat.of().formatHex(bytes, 0, Math.min(bytes.length, MAX_DUMPED));
    }
}
