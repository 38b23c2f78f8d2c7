package io.nextbestoffer.fuzz;

import java.util.List;
import java.util.Random;
import java.util.function.Supplier;

/** Generates values and names that often break JSON readers. Some are not JSON, and some are valid. */
final class HostileValues {

    private static final List<String> JSON = List.of(
            // numbers
            "0", "-0", "-0.0", "0.0", "1", "-1", "1.0", "0.5", "1e2", "1E+2", "1e-400", "1e400", "-1e400", "1e308",
            "1.7976931348623159e308", "4.9e-324", "1e999999999", "1e-999999999", "2147483648", "9007199254740993",
            "9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809",
            "99999999999999999999", "123456789012345678901234567890.5", "0.1234567890123456789012345678901234567890",
            // texts
            "\"\"", "\" \"", "\"1\"", "\"1.0\"", "\"true\"", "\"null\"", "\"NaN\"", "\"2026-01-01T00:00:00Z\"",
            "\"\\u0000\"", "\"a\\u0000b\"", "\"\\ud800\"", "\"\\udc00\\ud800\"", "\"\\ud83d\\ude00\"", "\"\\ufeff\"",
            "\"\\uffff\"", "\"\\u001f\\u007f\\u0085\\u2028\"", "\"é😀\\/\\b\\f\"", "\"'; drop table customer; --\"",
            "\"${jndi:ldap://x}\"", "\"<script>\"", "\"%s%n%d\"", "\"{}\"",
            // others
            "null", "true", "false", "[]", "{}", "[null]", "[[]]", "{\"\":null}", "{\"a\":1,\"A\":2}");

    private static final List<String> NOT_JSON = List.of("NaN", "Infinity", "-Infinity", "01", "-01", "+1", ".5", "5.",
            "1e", "1e+", "-", "0x10", "1_000", "1,000", "\"\\x41\"", "\"\\u12\"", "\"\\", "\"", "'single'",
            "\"tab\there\"", "\"line\nbreak\"", "True", "nul", "undefined", "{\"a\":1,\"a\":2}", "[1,]", "{,}", "[1 2]",
            "/*c*/1", "1//c", "");

    private static final List<String> NAMES = List.of("customer_id", "CUSTOMER_ID", "Customer_Id", "activity_id",
            "activity_type", "propensity_to_buy", "income", "fico", "op", "before", "after", "source", "lsn", "ts_ms",
            "schema", "payload", "__deleted", "__op", "__lsn", "__source_lsn", "__source_ts_ms", "", " ", "a.b", "a b",
            "İ", "K", "ſ", "ß", "\\u0000", "\\ud800", "\\u0061", "é", "😀", "__proto__", "$ref", "\\\"", "class");

    private final Random random;
    private final List<Supplier<String>> large;

    HostileValues(Random random) {
        this.random = random;
        // Around the reader's limits: 65,536 characters, 512 fields, 32 levels, names and ids of 256, numbers of 100
        large = List.of(
                () -> text(random.nextBoolean() ? "x" : "é", around(65_536)),
                () -> text("\\u0001", around(65_536)),
                () -> text("😀", around(32_768)),
                () -> text("x", around(256)),
                () -> text("é", around(256)),
                () -> text("😀", around(128)),
                () -> "9".repeat(around(100)),
                () -> "0." + "1".repeat(around(98)),
                () -> nested(around(30), "[", "]"),
                () -> nested(around(30), "{\"n\":", "}"),
                () -> nested(20_000, "[", "]"),
                () -> nested(20_000, "{\"n\":", "}"),
                () -> fields(around(512)),
                () -> "{" + name(around(256)) + ":1}",
                () -> "[" + "0,".repeat(5_000) + "0]");
    }

    /** A JSON value, or almost one. */
    String value() {
        int kind = random.nextInt(100);
        return kind == 0 ? pick(large).get() : pick(kind < 25 ? NOT_JSON : JSON);
    }

    /** A quoted name, or almost one. */
    String name() {
        return random.nextInt(40) == 0 ? name(around(256)) : "\"" + pick(NAMES) + "\"";
    }

    private String name(int length) {
        return text(List.of("n", "é", "İ", "\\u00e9", "😀").get(random.nextInt(5)), length);
    }

    private int around(int limit) {
        return Math.max(0, limit - 2 + random.nextInt(5));
    }

    private static String fields(int count) {
        var fields = new StringBuilder("{");
        for (int i = 0; i < count; i++) {
            fields.append(i == 0 ? "" : ",").append("\"f").append(i).append("\":").append(i);
        }
        return fields.append('}').toString();
    }

    private static String text(String what, int times) {
        return "\"" + what.repeat(times) + "\"";
    }

    private static String nested(int depth, String open, String close) {
        return open.repeat(depth) + "1" + close.repeat(depth);
    }

    private <T> T pick(List<T> of) {
        return of.get(random.nextInt(of.size()));
    }
}
