package io.nextbestoffer.customer;

import static io.nextbestoffer.attribute.JsonReader.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.nextbestoffer.attribute.Attributes;
import io.nextbestoffer.attribute.Id;
import io.nextbestoffer.attribute.InvalidInputException;
import io.nextbestoffer.attribute.KeyFormat;
import io.nextbestoffer.customer.CustomerChange.Deleted;
import io.nextbestoffer.customer.CustomerChange.Irrelevant;
import io.nextbestoffer.customer.CustomerChange.Stored;
import io.nextbestoffer.customer.CustomerChange.Truncated;
import io.nextbestoffer.kafka.avro.RecordDecoder;
import io.nextbestoffer.kafka.topic.RecordPosition;

class ChangeCodecTest {

    private static final ChangeCodec CODEC = codec("customer_id", KeyFormat.AUTO, null);
    private static final RecordPosition POSITION = new RecordPosition(new UUID(1, 2), 3, 4);
    private static final String KEY = "{\"customer_id\":1}";
    private static final String SOURCE = "\"source\":{\"lsn\":24,\"ts_ms\":1700000000000,\"table\":\"customers\"}";
    private static final ChangeOrder ORDER = new ChangeOrder(24L, 1_700_000_000_000L, POSITION);
    private static final ChangeOrder NO_ORDER = new ChangeOrder(null, null, POSITION);

    static ChangeCodec codec(String idAttribute, KeyFormat keyFormat, String keyColumn) {
        return new ChangeCodec(idAttribute, keyFormat, Optional.ofNullable(keyColumn),
                new CustomerTables(Optional.empty(), "bank.public.customers"),
                new UnavailableValue("__debezium_unavailable_value"));
    }

    private static CustomerChange read(String key, String value) {
        return CODEC.read(RecordDecoder.JSON_ONLY, key == null ? null : utf8(key), value == null ? null : utf8(value),
                POSITION);
    }

    private static Stored stored(long id, ChangeOrder order, Map<String, ?> attributes) {
        return new Stored(new Customer(Id.of(id), Attributes.of(attributes)), order);
    }

    private static String wrapped(String payload) {
        return "{\"schema\":{\"type\":\"struct\"},\"payload\":" + payload + "}";
    }

    private static void assertInvalid(String key, String value, String message) {
        assertThatThrownBy(() -> read(key, value)).isInstanceOf(InvalidInputException.class).hasMessage(message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"c", "u", "r"})
    void readsRowsOfEnvelopes(String op) {
        String envelope = "{\"before\":null,\"after\":{\"customer_id\":1,\"fico\":465},%s,\"op\":\"%s\",\"ts_ms\":9}"
                .formatted(SOURCE, op);

        assertThat(read(KEY, envelope)).isEqualTo(stored(1, ORDER, Map.of("fico", 465L)));
        assertThat(read(wrapped(KEY), wrapped(envelope))).isEqualTo(stored(1, ORDER, Map.of("fico", 465L)));
        assertThat(read(null, envelope)).isEqualTo(stored(1, ORDER, Map.of("fico", 465L)));
    }

    @Test
    void readsDeletesOfEnvelopes() {
        String row = "{\"before\":{\"customer_id\":1,\"fico\":null},\"after\":null," + SOURCE + ",\"op\":\"d\"}";
        String noRow = "{\"before\":null,\"after\":null," + SOURCE + ",\"op\":\"d\"}";

        assertThat(read(null, row)).isEqualTo(new Deleted(Id.of(1), ORDER));
        assertThat(read(KEY, wrapped(row))).isEqualTo(new Deleted(Id.of(1), ORDER));
        assertThat(read(KEY, noRow)).isEqualTo(new Deleted(Id.of(1), ORDER));
        assertInvalid(null, noRow, "customer_id is in neither value nor key");
    }

    @Test
    void readsTruncatesAndMessagesOfEnvelopes() {
        assertThat(read(null, "{\"op\":\"t\"," + SOURCE + "}")).isEqualTo(new Truncated(ORDER));
        assertThat(read(null, wrapped("{\"before\":null,\"after\":null,\"op\":\"t\"," + SOURCE + "}")))
                .isEqualTo(new Truncated(ORDER));
        assertThat(read("{\"prefix\":\"x\"}", "{\"op\":\"m\",\"message\":{\"prefix\":\"x\"}," + SOURCE + "}"))
                .isEqualTo(new Irrelevant(ORDER));
    }

    @Test
    void readsEnvelopesWithoutOrder() {
        assertThat(read(null, "{\"op\":\"c\",\"after\":{\"customer_id\":1}}")).isEqualTo(stored(1, NO_ORDER, Map.of()));
        assertThat(read(null, "{\"op\":\"c\",\"after\":{\"customer_id\":1},\"source\":{\"lsn\":null,\"ts_ms\":5}}"))
                .isEqualTo(stored(1, new ChangeOrder(null, 5L, POSITION), Map.of()));
    }

    @Test
    void readsFlattenedRows() {
        String flat = """
                {"customer_id":1,"fico":465,"__deleted":"false","__op":"u","__lsn":24,"__source_ts_ms":1700000000000,\
                "__table":"customers"}""";

        assertThat(read(KEY, flat)).isEqualTo(stored(1, ORDER, Map.of("fico", 465L)));
        assertThat(read(KEY, wrapped(flat))).isEqualTo(stored(1, ORDER, Map.of("fico", 465L)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"__deleted\":\"true\"", "\"__deleted\":true", "\"__op\":\"d\"",
            "\"__deleted\":\"true\",\"__op\":\"d\""})
    void readsFlattenedDeletes(String mark) {
        String flat = "{\"customer_id\":1,\"fico\":465,\"__lsn\":24,\"__source_ts_ms\":1700000000000," + mark + "}";

        assertThat(read(null, flat)).isEqualTo(new Deleted(Id.of(1), ORDER));
        assertThat(read(null, wrapped(flat))).isEqualTo(new Deleted(Id.of(1), ORDER));
    }

    @Test
    void readsFlattenedTruncatesAndOtherNamesOfTheOrder() {
        assertThat(read(null, "{\"__op\":\"t\",\"__lsn\":24,\"__source_ts_ms\":1700000000000}"))
                .isEqualTo(new Truncated(ORDER));
        assertThat(read(KEY, "{\"__source_lsn\":24,\"__ts_ms\":1700000000000,\"__deleted\":false}"))
                .isEqualTo(stored(1, ORDER, Map.of()));
    }

    @Test
    void readsTombstones() {
        assertThat(read(KEY, null)).isEqualTo(new Deleted(Id.of(1), NO_ORDER));
        assertThat(read("C001", null)).isEqualTo(new Deleted(Id.of("C001"), NO_ORDER));
        assertThat(read(wrapped(KEY), wrapped("null"))).isEqualTo(new Deleted(Id.of(1), NO_ORDER));
        assertThat(CODEC.read(RecordDecoder.JSON_ONLY, ByteBuffer.allocate(4).putInt(1).array(), null, POSITION))
                .isEqualTo(new Deleted(Id.of(1), NO_ORDER));
        assertInvalid(null, null, "customer_id is in neither value nor key");
    }

    @Test
    void readsPlainRows() {
        assertThat(read(null, "{\"customer_id\":\"C001\",\"fico\":465}"))
                .isEqualTo(new Stored(new Customer(Id.of("C001"), Attributes.of(Map.of("fico", 465L))), NO_ORDER));
    }

    @Test
    void readsTheIdOfTheKeyWhereTheValueHasNone() {
        byte[] key = ByteBuffer.allocate(8).putLong(1).array();

        assertThat(CODEC.read(RecordDecoder.JSON_ONLY, key, utf8("{\"FICO\":465}"), POSITION))
                .isEqualTo(stored(1, NO_ORDER, Map.of("fico", 465L)));
        assertThat(read(KEY, "{\"customer_id\":null,\"fico\":465}"))
                .isEqualTo(stored(1, NO_ORDER, Map.of("fico", 465L)));
        assertInvalid(null, "{\"fico\":465}", "customer_id is in neither value nor key");
    }

    @Test
    void prefersTheIdOfTheValue() {
        assertThat(read("{\"customer_id\":2}", "{\"customer_id\":1}")).isEqualTo(stored(1, NO_ORDER, Map.of()));
        assertThat(read("some other key", "{\"before\":{\"customer_id\":1},\"op\":\"d\"," + SOURCE + "}"))
                .isEqualTo(new Deleted(Id.of(1), ORDER));
    }

    @Test
    void readsNamesInAnyCase() {
        assertThat(read(null, "{\"OP\":\"c\",\"After\":{\"CUSTOMER_ID\":1,\"Fico\":465},\"SOURCE\":{\"LSN\":24,"
                + "\"Ts_Ms\":1700000000000}}")).isEqualTo(stored(1, ORDER, Map.of("fico", 465L)));
        assertThat(read("{\"CUSTOMER_ID\":1}", "{\"__DELETED\":\"true\"}")).isEqualTo(new Deleted(Id.of(1), NO_ORDER));
        assertInvalid(null, "{\"op\":\"c\",\"after\":{\"customer_id\":1,\"FICO\":1,\"fico\":2}}",
                "field fico occurs twice");
    }

    @Test
    void readsColumnsOfAnyNameInAnEnvelope() {
        assertThat(((Stored) read(null, "{\"op\":\"c\",\"after\":{\"customer_id\":1,\"op\":\"d\",\"lsn\":5,"
                + "\"payload\":{}}," + SOURCE + "}")).customer().attributes().asMap())
                .containsExactly(entry("op", "d"), entry("lsn", 5L), entry("payload", Map.of()));
    }

    @Test
    void readsAPayloadWithoutSchema() {
        String envelope = "{\"before\":null,\"after\":{\"customer_id\":1,\"fico\":465}," + SOURCE
                + ",\"op\":\"u\"}";

        assertThat(read(KEY, "{\"payload\":" + envelope + "}")).isEqualTo(stored(1, ORDER, Map.of("fico", 465L)));
    }

    @Test
    void readsCloudEventsOfDebezium() {
        String event = """
                {"id":"name:bank;lsn:24","source":"/debezium/postgresql/bank","specversion":"1.0",\
                "type":"io.debezium.connector.postgresql.DataChangeEvent","datacontenttype":"application/json",\
                "iodebeziumop":"%s","iodebeziumlsn":"24","iodebeziumtsms":"1700000000000","iodebeziumschema":"public",\
                "iodebeziumtable":"customers","iodebeziumsnapshot":"%s","data":%s}""";
        String row = "{\"before\":null,\"after\":{\"customer_id\":911,\"fico\":650}}";

        assertThat(read(null, event.formatted("u", "false", row))).isEqualTo(stored(911, ORDER, Map.of("fico", 650L)));
        assertThat(read(null, event.formatted("u", "false", wrapped(row))))
                .isEqualTo(stored(911, ORDER, Map.of("fico", 650L)));
        assertThat(((Stored) read(null, event.formatted("r", "last", row))).endsSnapshot()).isTrue();
        assertThat(read(KEY, event.formatted("d", "false", "{\"before\":{\"customer_id\":911},\"after\":null}")))
                .isEqualTo(new Deleted(Id.of(911), ORDER));
        assertThat(read(KEY, event.formatted("t", "false", "{}"))).isEqualTo(new Truncated(ORDER));
        assertThatThrownBy(() -> read(KEY, event.formatted("u", "false", row).replace("iodebeziumop", "extension")))
                .hasMessageContaining("extension.attributes.enable=true");
        assertThatThrownBy(() -> read(KEY, event.formatted("u", "false", "\"AAA=\"")))
                .hasMessageContaining("data.serializer.type=json");
        assertThatThrownBy(() -> read(KEY, event.formatted("u", "false", row).replace("\"24\"", "\"0/24\"")))
                .hasMessage("iodebeziumlsn must be a whole number");
    }

    @Test
    void readsConfluentsJsonWithASchemaId() {
        byte[] row = utf8("     {\"customer_id\":1,\"fico\":465}");
        System.arraycopy(new byte[]{0, 0, 0, 0, 9}, 0, row, 0, 5);
        byte[] key = utf8("     " + KEY);
        System.arraycopy(new byte[]{0, 0, 0, 0, 8}, 0, key, 0, 5);

        assertThat(CODEC.read(RecordDecoder.JSON_ONLY, key, row, POSITION))
                .isEqualTo(stored(1, NO_ORDER, Map.of("fico", 465L)));
        assertThat(CODEC.read(RecordDecoder.JSON_ONLY, key, null, POSITION)).isEqualTo(new Deleted(Id.of(1), NO_ORDER));
    }

    /** Postgres does not send large values that an update did not change. */
    @Test
    void leavesOutValuesThatPostgresDidNotSend() {
        String row = """
                {"customer_id":901,"income":151000,"existing_products":["__debezium_unavailable_value"],\
                "notes":"__debezium_unavailable_value","photo":"X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ=="}""";
        var change = new Stored(new Customer(Id.of(901), Attributes.of(Map.of("income", 151_000L))), NO_ORDER, false,
                List.of("existing_products", "notes", "photo"), null);

        assertThat(read(KEY, "{\"op\":\"u\",\"before\":null,\"after\":" + row + "}")).isEqualTo(change);
        assertThat(read(KEY, row)).isEqualTo(change);
        assertInvalid(KEY, "{\"customer_id\":\"__debezium_unavailable_value\",\"income\":1}",
                "customer_id was not sent by Postgres: it must be in the replica identity");
    }

    @Test
    void keepsPreviousValuesThatPostgresDidNotSend() {
        var change = new Stored(new Customer(Id.of(901), Attributes.of(Map.of("income", 151_000L))), ORDER, false,
                List.of("existing_products", "notes"), null);
        var before = new Attributes.Builder().add("income", 150_000L).add("notes", "long").build();

        Stored merged = change.over(before);

        assertThat(merged.customer().attributes().asMap()).containsExactly(entry("income", 151_000L),
                entry("notes", "long"));
        assertThat(merged.missing()).containsExactly("existing_products");
    }

    @Test
    void rejectsRowsOfOtherTables() {
        String account = """
                {"before":null,"after":{"account_id":7,"customer_id":991,"balance":5},\
                "source":{"lsn":20,"ts_ms":20,"schema":"public","table":"accounts"},"op":"%s"}""";
        String message = "a row of the table public.accounts, not of public.customers (nbo.customers.tables)";

        assertInvalid("{\"account_id\":7}", account.formatted("c"), message);
        assertInvalid("{\"account_id\":7}", account.formatted("d"), message);
        assertInvalid(null, account.formatted("t"), message);
        assertInvalid(KEY, "{\"customer_id\":1,\"balance\":5,\"__table\":\"accounts\",\"__deleted\":\"false\"}",
                "a row of the table accounts, not of public.customers (nbo.customers.tables)");
        assertThat(read(null, "{\"op\":\"m\",\"message\":{},\"source\":{\"schema\":\"\",\"table\":\"\"}}"))
                .isInstanceOf(Irrelevant.class);
    }

    @Test
    void readsStructsAsKeysWhereTheyAreUnambiguous() {
        String row = "{\"first_name\":\"Cleo\",\"income\":120000,\"fico\":650}";

        assertThat(((Stored) read("Struct{customer_id=921}", row)).id()).isEqualTo(Id.of(921));
        assertThat(read("Struct{customer_id=921}", null)).isEqualTo(new Deleted(Id.of(921), NO_ORDER));
        assertThatThrownBy(() -> read("Struct{customer_id=921,branch=A}", row))
                .hasMessageContaining("key.converter is StringConverter").hasMessageContaining("JsonConverter");
    }

    @Test
    void rejectsKeysWithSeveralColumns() {
        String key = "{\"customer_id\":810,\"branch\":\"A\"}";
        String row = "{\"customer_id\":810,\"branch\":\"A\",\"income\":1}";

        for (String each : List.of(key, wrapped(key))) {
            assertThatThrownBy(() -> read(each, row)).isInstanceOf(InvalidInputException.class)
                    .hasMessageStartingWith("the key has several columns, customer_id, branch: ")
                    .hasMessageEndingWith("nbo.customers.key-column");
            assertThatThrownBy(() -> read(each, null)).isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("customer_id, branch");
        }
    }

    @Test
    void readsTheConfiguredColumnOfAKey() {
        var codec = codec("customer_id", KeyFormat.AUTO, "customer_id");
        byte[] key = utf8("{\"customer_id\":810,\"branch\":\"A\"}");

        CustomerChange stored = codec.read(RecordDecoder.JSON_ONLY, key, utf8("{\"customer_id\":810,\"income\":1}"),
                POSITION);
        CustomerChange deleted = codec.read(RecordDecoder.JSON_ONLY, key, null, POSITION);

        assertThat(((Stored) stored).rowKey()).isEqualTo("{\"branch\":\"A\"}");
        assertThat(deleted).isEqualTo(new Deleted(Id.of(810), NO_ORDER, "{\"branch\":\"A\"}"));
        assertThat(((Deleted) deleted).isOfAnotherRowThan("{\"branch\":\"B\"}")).isTrue();
        assertThat(((Deleted) deleted).isOfAnotherRowThan("{\"branch\":\"A\"}")).isFalse();
        assertThat(((Deleted) deleted).isOfAnotherRowThan(null)).isFalse();
    }

    @Test
    void treatsDifferentSpellingsOfAnIdAsTheSameId() {
        String uuid = "0f8FAD5B-D9CB-469F-A165-70867728950E";

        assertThat(((Stored) read("K77  ", "{\"fico\":1}")).id()).isEqualTo(Id.of("K77"));
        assertThat(((Stored) read(null, "{\"customer_id\":\"K77  \"}")).id()).isEqualTo(Id.of("K77"));
        assertThat(((Stored) read("\"" + uuid + "\"", "{\"fico\":1}")).id())
                .isEqualTo(Id.of("0f8fad5b-d9cb-469f-a165-70867728950e"));
        assertThat(((Stored) read("K77a", "{}")).id()).isEqualTo(Id.of("K77a"));
    }

    @Test
    void readsTheConfiguredIdAttribute() {
        var codec = codec("client_no", KeyFormat.TEXT, null);

        assertThat(codec.read(RecordDecoder.JSON_ONLY, null, utf8("{\"CLIENT_NO\":\"7\",\"customer_id\":1}"), POSITION))
                .isEqualTo(
                        new Stored(new Customer(Id.of("7"), Attributes.of(Map.of("customer_id", 1L))), NO_ORDER));
    }

    @Test
    void rejectsDocumentsOfOtherShapes() {
        assertInvalid(KEY, "{\"op\":\"x\"," + SOURCE + "}", "op must be one of c, u, r, d, t, m");
        assertInvalid(KEY, "{\"op\":\"c\"," + SOURCE + "}", "after must be an object");
        assertInvalid(KEY, "{\"op\":\"u\",\"after\":[1]," + SOURCE + "}", "after must be an object");
        assertInvalid(KEY, "{\"op\":\"d\",\"before\":1," + SOURCE + "}", "before must be an object");
        assertInvalid(KEY, "{\"op\":\"c\",\"after\":{},\"source\":5}", "source must be an object");
        assertInvalid(KEY, "{\"op\":\"t\",\"source\":{\"lsn\":\"x\"}}", "lsn must be a whole number");
        assertInvalid(KEY, "{\"__lsn\":1.5}", "__lsn must be a whole number");
        assertInvalid(KEY, wrapped("5"), "payload must be an object");
        assertInvalid(KEY, "{\"customer_id\":true}", "customer_id must be a string or a whole number");
        assertInvalid(KEY, "[]", "not a JSON object but an array");
        assertInvalid(KEY, "", "value is empty");
    }

    /** A row is stored as JSON, and a profile that can't be read back would stop every batch that needs it. */
    @Test
    void rejectsRowsThatCouldNotBeReadBack() {
        String columns = IntStream.range(0, 513).mapToObj(i -> "\"c" + i + "\":1").collect(Collectors.joining(","));

        assertInvalid(null, "{\"op\":\"c\",\"after\":{\"customer_id\":1," + columns + "}}", "more than 512 fields");
        assertInvalid(null, wrapped("{\"customer_id\":1," + columns + "}"), "more than 512 fields");
    }
}
