package io.nextbestoffer.customer;

import static io.nextbestoffer.attribute.JsonReader.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import java.nio.ByteBuffer;
import java.util.Map;
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

    private static final ChangeCodec CODEC = new ChangeCodec("customer_id", KeyFormat.AUTO);
    private static final RecordPosition POSITION = new RecordPosition(new UUID(1, 2), 3, 4);
    private static final String KEY = "{\"customer_id\":1}";
    private static final String SOURCE = "\"source\":{\"lsn\":24,\"ts_ms\":1700000000000,\"table\":\"customers\"}";
    private static final ChangeOrder ORDER = new ChangeOrder(24L, 1_700_000_000_000L, POSITION);
    private static final ChangeOrder NO_ORDER = new ChangeOrder(null, null, POSITION);

    private static CustomerChange read(String key, String value) {
        return CODEC.read(RecordDecoder.OF_JSON, key == null ? null : utf8(key), value == null ? null : utf8(value),
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
        assertThat(CODEC.read(RecordDecoder.OF_JSON, ByteBuffer.allocate(4).putInt(1).array(), null, POSITION))
                .isEqualTo(new Deleted(Id.of(1), NO_ORDER));
        assertInvalid(null, null, "customer_id is in neither value nor key");
    }

    @Test
    void readsPlainRows() {
        assertThat(read(null, "{\"customer_id\":\"C001\",\"fico\":465}"))
                .isEqualTo(new Stored(new Customer(Id.of("C001"), Attributes.of(Map.of("fico", 465L))), NO_ORDER));
    }

    @Test
    void takesTheIdOfTheKeyWhereTheValueHasNone() {
        byte[] key = ByteBuffer.allocate(8).putLong(1).array();

        assertThat(CODEC.read(RecordDecoder.OF_JSON, key, utf8("{\"FICO\":465}"), POSITION))
                .isEqualTo(stored(1, NO_ORDER, Map.of("fico", 465L)));
        assertThat(read(KEY, "{\"customer_id\":null,\"fico\":465}"))
                .isEqualTo(stored(1, NO_ORDER, Map.of("fico", 465L)));
        assertInvalid(null, "{\"fico\":465}", "customer_id is in neither value nor key");
    }

    @Test
    void takesTheIdOfTheValueFirst() {
        assertThat(read("{\"customer_id\":2}", "{\"customer_id\":1}")).isEqualTo(stored(1, NO_ORDER, Map.of()));
        assertThat(read("some other key", "{\"before\":{\"customer_id\":1},\"op\":\"d\"," + SOURCE + "}"))
                .isEqualTo(new Deleted(Id.of(1), ORDER));
    }

    @Test
    void takesNamesInAnyCase() {
        assertThat(read(null, "{\"OP\":\"c\",\"After\":{\"CUSTOMER_ID\":1,\"Fico\":465},\"SOURCE\":{\"LSN\":24,"
                + "\"Ts_Ms\":1700000000000}}")).isEqualTo(stored(1, ORDER, Map.of("fico", 465L)));
        assertThat(read("{\"CUSTOMER_ID\":1}", "{\"__DELETED\":\"true\"}")).isEqualTo(new Deleted(Id.of(1), NO_ORDER));
        assertInvalid(null, "{\"op\":\"c\",\"after\":{\"customer_id\":1,\"FICO\":1,\"fico\":2}}",
                "field fico is there twice");
    }

    @Test
    void takesColumnsNamedAsPartsOfAnEnvelopeForColumns() {
        assertThat(read(null, "{\"customer_id\":1,\"op\":\"d\"}")).isEqualTo(stored(1, NO_ORDER, Map.of("op", "d")));
        assertThat(read(null, "{\"customer_id\":1,\"op\":\"d\",\"source\":\"web\"}")).isInstanceOf(Stored.class);
        assertThat(read(null, "{\"customer_id\":1,\"op\":7,\"after\":null}")).isInstanceOf(Stored.class);
        assertThat(read(KEY, "{\"schema\":\"x\",\"payload\":{},\"customer_id\":1}")).isInstanceOf(Stored.class);
        assertThat(((Stored) read(null, "{\"op\":\"c\",\"after\":{\"customer_id\":1,\"op\":\"d\",\"lsn\":5},"
                + SOURCE + "}")).customer().attributes().asMap()).containsExactly(entry("op", "d"), entry("lsn", 5L));
    }

    @Test
    void takesTheColumnThatIsConfigured() {
        var codec = new ChangeCodec("client_no", KeyFormat.TEXT);

        assertThat(codec.read(RecordDecoder.OF_JSON, null, utf8("{\"CLIENT_NO\":\"7\",\"customer_id\":1}"), POSITION))
                .isEqualTo(
                        new Stored(new Customer(Id.of("7"), Attributes.of(Map.of("customer_id", 1L))), NO_ORDER));
    }

    @Test
    void refusesWhatIsNoneOfTheShapes() {
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

    /** It is stored as JSON, and a profile that can't be read back would stop every batch that needs it. */
    @Test
    void refusesRowsThatCouldNotBeReadBack() {
        String columns = IntStream.range(0, 513).mapToObj(i -> "\"c" + i + "\":1").collect(Collectors.joining(","));

        assertInvalid(null, "{\"op\":\"c\",\"after\":{\"customer_id\":1," + columns + "}}", "more than 512 fields");
        assertInvalid(null, wrapped("{\"customer_id\":1," + columns + "}"), "more than 512 fields");
    }
}
