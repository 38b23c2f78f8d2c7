package io.nextbestoffer.activity;

import static io.nextbestoffer.attribute.JsonReader.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;

import io.nextbestoffer.attribute.Id;
import io.nextbestoffer.attribute.InvalidInputException;
import io.nextbestoffer.attribute.JsonReader;
import io.nextbestoffer.attribute.KeyFormat;
import io.nextbestoffer.kafka.avro.RecordDecoder;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.WithNull;

class ActivityCodecTest {

    record Config(KeyFormat keyFormat, int maxPerRequest) implements ActivityConfig {
    }

    private static final ActivityCodec CODEC = new ActivityCodec(new Config(KeyFormat.AUTO, 10));
    private static final String SAMPLE = """
            {"activity_id":1,"customer_id":3,"ip_address":"121.219.110.170","activity_type":"branch_visit",\
            "propensity_to_buy":0.4}""";

    private static final byte[] NO_KEY = null;

    private static Activity read(String value) {
        return CODEC.read(RecordDecoder.JSON_ONLY, NO_KEY, utf8(value));
    }

    private static void assertInvalid(String value, String message) {
        assertThatThrownBy(() -> read(value)).isInstanceOf(InvalidInputException.class).hasMessage(message);
    }

    @Test
    void readsAnActivity() {
        Activity activity = read(SAMPLE);

        assertThat(activity.id()).isEqualTo(Id.of(1));
        assertThat(activity.customer()).isEqualTo(Id.of(3));
        assertThat(activity.attributes().asMap()).containsExactly(entry("ip_address", "121.219.110.170"),
                entry("activity_type", "branch_visit"), entry("propensity_to_buy", 0.4));
    }

    @Test
    void readsNamesInAnyCase() {
        assertThat(read("{\"ACTIVITY_ID\":1,\"Customer_Id\":3,\"X\":1}"))
                .isEqualTo(read("{\"activity_id\":1,\"customer_id\":3,\"x\":1}"));
    }

    @Test
    void keepsIdsAsNumbersAndAsText() {
        Activity activity = read("{\"activity_id\":\"a-1\",\"customer_id\":7}");

        assertThat(activity.id().number()).isFalse();
        assertThat(activity.customer().number()).isTrue();
    }

    @Test
    void readsTheCustomerFromTheKeyIfTheValueHasNone() {
        byte[] value = utf8("{\"activity_id\":1}");

        assertThat(CODEC.read(RecordDecoder.JSON_ONLY, utf8("C001"), value).customer()).isEqualTo(Id.of("C001"));
        assertThat(CODEC.read(RecordDecoder.JSON_ONLY, utf8("{\"CUSTOMER_ID\":3}"), value).customer())
                .isEqualTo(Id.of(3));
        assertThat(CODEC.read(RecordDecoder.JSON_ONLY, ByteBuffer.allocate(4).putInt(3).array(), value).customer())
                .isEqualTo(Id.of(3));
        assertThat(
                CODEC.read(RecordDecoder.JSON_ONLY, utf8("3"), utf8("{\"activity_id\":1,\"customer_id\":null}"))
                        .customer())
                .isEqualTo(Id.of(3));
        assertThatThrownBy(() -> CODEC.read(RecordDecoder.JSON_ONLY, NO_KEY, value))
                .hasMessage("customer_id is in neither value nor key");
    }

    @Test
    void prefersTheCustomerOfTheValue() {
        assertThat(CODEC.read(RecordDecoder.JSON_ONLY, utf8("9"), utf8(SAMPLE)).customer()).isEqualTo(Id.of(3));
        assertThat(CODEC.read(RecordDecoder.JSON_ONLY, new byte[]{-1}, utf8(SAMPLE)).customer()).isEqualTo(Id.of(3));
    }

    @Test
    void readsKeysAsConfigured() {
        var codec = new ActivityCodec(new Config(KeyFormat.INTEGER, 10));

        assertThat(codec.read(RecordDecoder.JSON_ONLY, utf8("1234"), utf8("{\"activity_id\":1}")).customer())
                .isEqualTo(Id.of(0x31323334));
    }

    @Test
    void namesTheInvalidField() {
        assertInvalid("{\"customer_id\":1}", "activity_id is missing");
        assertInvalid("{\"activity_id\":null,\"customer_id\":1}", "activity_id is missing");
        assertInvalid("{\"activity_id\":1.5,\"customer_id\":1}", "activity_id must be a string or a whole number");
        assertInvalid("{\"activity_id\":1,\"customer_id\":[]}", "customer_id must be a string or a whole number");
        assertInvalid("{\"activity_id\":1,\"customer_id\":\"\"}", "customer_id has 0 characters; an id has 1 to 256");
        assertThatThrownBy(() -> CODEC.read(RecordDecoder.JSON_ONLY, utf8("1"), null))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("value is null");
    }

    @Test
    void reportsAllProblemsOfTheIds() {
        var violations = new ArrayList<String>();

        CODEC.check(JsonReader.object(utf8("{\"customer_id\":true}")),
                (field, message) -> violations.add(field + ": " + message));

        assertThat(violations).hasSize(2);
        assertThat(violations.get(0)).isEqualTo("activity_id: is missing");
        assertThat(violations.get(1)).startsWith("customer_id: ").endsWith("must be a string or a whole number");
    }

    @Test
    void reportsNoProblemOfValidIds() {
        CODEC.check(JsonReader.object(utf8(SAMPLE)), (field, message) -> {
            throw new AssertionError(field + message);
        });
    }

    @Test
    void writesWhatItReads() {
        for (String json : List.of(SAMPLE, "{\"activity_id\":\"1\",\"customer_id\":\"é\",\"a\":{\"B\":[null,1.0]}}")) {
            byte[] written = CODEC.write(read(json));

            assertThat(new String(written, StandardCharsets.UTF_8)).isEqualTo(json);
        }
    }

    @Property
    void readsOrRejectsAnyBytes(@ForAll @WithNull byte[] key, @ForAll @WithNull byte[] value) {
        assertReadOrRejected(key, value);
        assertReadOrRejected(key, utf8("{\"activity_id\":1}"));
    }

    private static void assertReadOrRejected(byte[] key, byte[] value) {
        try {
            Activity activity = CODEC.read(RecordDecoder.JSON_ONLY, key, value);

            assertThat(CODEC.read(RecordDecoder.JSON_ONLY, key, CODEC.write(activity))).isEqualTo(activity);
        } catch (InvalidInputException e) {
            assertThat(e.getMessage()).isNotEmpty();
        }
    }
}
