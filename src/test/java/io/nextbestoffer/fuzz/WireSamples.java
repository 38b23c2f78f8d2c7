package io.nextbestoffer.fuzz;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Random;
import java.util.regex.Pattern;

/**
 * Valid records in every known shape, of 2,000 customers who are created, changed and deleted. The changes of
 * one run are in order: log sequence numbers and times increase.
 */
public final class WireSamples {

    static final int CUSTOMERS = 2_000;

    /** Occurs in values only: logs and descriptions of failures must not contain it. */
    public static final String CANARY = "c4n4ry";

    private static final String[] TYPES = {"branch_visit", "deposit", "web_open", "mobile_open", "new_account"};
    private static final int CHANGES_PER_TRUNCATE = 8_000;
    private static final long FIRST_LSN = 100_000_000;
    private static final long FIRST_TIME = 1_790_000_000_000L;

    private final Random random;
    private long changes;

    public WireSamples(Random random) {
        this.random = random;
    }

    /** @param value null: a tombstone */
    public record Sample(byte[] key, byte[] value) {
    }

    public Sample activity() {
        String id = customer();
        boolean inKeyOnly = random.nextInt(4) == 0;
        String fields = (inKeyOnly ? "" : "\"customer_id\":" + id + ",")
                + "\"ip_address\":\"" + CANARY + random.nextInt(255) + "\",\"activity_type\":\""
                + TYPES[random.nextInt(TYPES.length)] + "\",\"propensity_to_buy\":" + random.nextInt(101) / 100.0;
        // The strategy does not use most attributes, so damage in them does not prevent a decision
        fields += ",\"channel\":\"app\",\"amount\":" + random.nextInt() / 100.0 + ",\"currency\":\"EUR\",\"new\":"
                + random.nextBoolean() + ",\"referrer\":null,\"tags\":[\"a\",\"b\"]";
        if (random.nextInt(4) == 0) {
            fields += ",\"session\":{\"device\":{\"os\":\"é😀\",\"sizes\":[1,2.5,-3e2,null,true]},\"pages\":[]}";
        }
        String value = "{\"activity_id\":" + random.nextInt() + "," + fields + "}";
        value = random.nextInt(8) == 0 ? upperCaseNames(value) : value;
        return new Sample(key(id), utf8(random.nextInt(8) == 0 ? wrapped(value) : value));
    }

    public Sample change() {
        changes++;
        String id = customer();
        String row = row(id, true);
        if (changes % CHANGES_PER_TRUNCATE == CHANGES_PER_TRUNCATE / 2) {
            return new Sample(null, utf8(envelope("t", "null", "null")));
        }
        return switch (random.nextInt(22)) {
            case 20 -> new Sample(key(id), utf8(cloudEvent(op(), row)));
            case 21 -> new Sample(key(id), withSchemaId(envelope(op(), "null", row)));
            case 0, 1, 2, 3, 4, 5 -> new Sample(key(id), utf8(envelope(op(), "null", row)));
            case 6, 7, 8, 9 -> new Sample(key(id), utf8(wrapped(envelope(op(), row(id, true), row))));
            case 10, 11, 12 -> new Sample(key(id), utf8(flattened(row, "false", op())));
            case 13, 14, 15 -> new Sample(key(id), utf8(row));
            case 16 -> new Sample(key(id), utf8(row(id, false)));
            case 17 -> new Sample(key(id), utf8(envelope("d", "{\"customer_id\":" + id + "}", "null")));
            case 18 -> random.nextBoolean()
                    ? new Sample(key(id), null)
                    : new Sample(key(id), utf8("{\"schema\":null,\"payload\":null}"));
            default -> random.nextInt(4) == 0
                    ? new Sample(key(id), utf8(envelope("m", "null", "null")))
                    : new Sample(key(id), utf8(flattened("{\"customer_id\":" + id + "}", "true", "d")));
        };
    }

    /** One in ten ids is a string. */
    private String customer() {
        int number = 1 + random.nextInt(CUSTOMERS);
        return number % 10 == 0 ? "\"C" + number + "\"" : Integer.toString(number);
    }

    private byte[] key(String id) {
        boolean text = id.startsWith("\"");
        return switch (random.nextInt(text ? 4 : 6)) {
            case 0 -> utf8("{\"customer_id\":" + id + "}");
            case 1 -> utf8("{\"schema\":{\"type\":\"struct\"},\"payload\":{\"customer_id\":" + id + "}}");
            case 2 -> utf8(id);
            case 3 -> utf8(id.replace("\"", ""));
            case 4 -> ByteBuffer.allocate(4).putInt(Integer.parseInt(id)).array();
            default -> ByteBuffer.allocate(8).putLong(Long.parseLong(id)).array();
        };
    }

    private String row(String id, boolean withId) {
        String row = (withId ? "\"customer_id\":" + id + "," : "") + "\"first_name\":\"" + CANARY + "\",\"last_name\":"
                + (random.nextBoolean() ? "null" : "\"Ünal😀\"") + ",\"income\":" + random.nextInt(200_000)
                + ",\"fico\":"
                + (300 + random.nextInt(550)) + ",\"balance\":" + random.nextInt() / 100.0;
        String object = "{" + row + "}";
        return random.nextInt(8) == 0 ? upperCaseNames(object) : object;
    }

    private String envelope(String op, String before, String after) {
        return "{\"before\":" + before + ",\"after\":" + after
                + ",\"source\":{\"version\":\"3.4.3.Final\",\"db\":\"bank\","
                + "\"ts_ms\":" + time() + ",\"lsn\":" + lsn() + ",\"xmin\":null},\"transaction\":null,\"op\":\"" + op
                + "\",\"ts_ms\":" + time() + "}";
    }

    private String cloudEvent(String op, String after) {
        return "{\"id\":\"name:bank;lsn:1\",\"source\":\"/debezium/postgresql/bank\",\"specversion\":\"1.0\","
                + "\"type\":\"io.debezium.connector.postgresql.DataChangeEvent\","
                + "\"datacontenttype\":\"application/json\","
                + "\"iodebeziumop\":\"" + op + "\",\"iodebeziumlsn\":\"" + lsn() + "\",\"iodebeziumtsms\":\"" + time()
                + "\",\"data\":{\"before\":null,\"after\":" + after + "}}";
    }

    /** Prepends a schema id, as in Confluent's format JSON_SR. */
    private static byte[] withSchemaId(String json) {
        byte[] utf8 = utf8(json);
        return ByteBuffer.allocate(5 + utf8.length).put((byte) 0).putInt(7).put(utf8).array();
    }

    private static String wrapped(String envelope) {
        return "{\"schema\":{\"type\":\"struct\",\"fields\":[{\"field\":\"after\",\"optional\":true}]},\"payload\":"
                + envelope + "}";
    }

    private String flattened(String row, String deleted, String op) {
        String order = random.nextInt(4) == 0 ? "" : ",\"__lsn\":" + lsn() + ",\"__source_ts_ms\":" + time();
        return row.substring(0, row.length() - 1) + ",\"__deleted\":\"" + deleted + "\",\"__op\":\"" + op + "\"" + order
                + "}";
    }

    private String op() {
        return "cur".substring(random.nextInt(3)).substring(0, 1);
    }

    private long lsn() {
        return FIRST_LSN + changes * 8;
    }

    private long time() {
        return FIRST_TIME + changes;
    }

    private static String upperCaseNames(String json) {
        var names = Pattern.compile("\"[a-z_]+\":");
        return names.matcher(json).replaceAll(name -> name.group().toUpperCase(Locale.ROOT));
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
