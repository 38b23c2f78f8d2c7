package io.nextbestoffer.attribute;

import static io.nextbestoffer.attribute.KeyFormat.AUTO;
import static io.nextbestoffer.attribute.KeyFormat.INTEGER;
import static io.nextbestoffer.attribute.KeyFormat.TEXT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class KeyFormatTest {

    private static final String FIELD = "customer_id";

    private static Id auto(byte... key) {
        return AUTO.read(key, FIELD);
    }

    private static Id auto(String key) {
        return auto(JsonReader.utf8(key));
    }

    private static byte[] bytes(int number) {
        return ByteBuffer.allocate(4).putInt(number).array();
    }

    private static byte[] bytes(long number) {
        return ByteBuffer.allocate(8).putLong(number).array();
    }

    private static void assertNumber(Id id, long number) {
        assertThat(id).isEqualTo(Id.of(number));
        assertThat(id.number()).as("is written as a number").isTrue();
    }

    private static void assertText(Id id, String text) {
        assertThat(id).isEqualTo(Id.of(text));
        assertThat(id.number()).as("is written as a number").isFalse();
    }

    private static void assertInvalid(KeyFormat format, byte[] key) {
        assertThatThrownBy(() -> format.read(key, FIELD)).isInstanceOf(InvalidInputException.class);
    }

    @Test
    void readsAMissingKeyAsNull() {
        for (KeyFormat format : KeyFormat.values()) {
            assertThat(format.read(null, FIELD)).isNull();
            assertThat(format.read(new byte[0], FIELD)).isNull();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"customer_id\":1}", "{\"CUSTOMER_ID\": 1, \"region\": \"x\"}", "{\"customer_id\":1.0}",
            " {\"customer_id\":1}\n",
            "{\"schema\":{\"type\":\"struct\",\"optional\":false},\"payload\":{\"customer_id\":1}}",
            "{\"schema\":{\"type\":\"int32\"},\"payload\":1}", "{\"payload\":1,\"schema\":null}", "1", " 1"})
    void readsJsonKeysWithNumbers(String key) {
        assertNumber(auto(key), 1);
        assertNumber(TEXT.read(JsonReader.utf8(key), FIELD), 1);
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '\'', textBlock = """
            '{"customer_id":"C001"}', C001
            '{"schema":{"type":"string"},"payload":"C001"}', C001
            '"C001"', C001
            '"C1"', C1
            '"1"', 1
            'C001', C001
            'C1', C1
            'Ünïcode-ключ', Ünïcode-ключ
            '01', 01
            '1.5', 1.5
            '-', -
            '1-2', 1-2
            '+1', +1
            '123456789012345678901234567890', 123456789012345678901234567890
            '"é"', é
            '"éé1"', éé1
            """)
    void readsText(String key, String id) {
        assertText(auto(key), id);
        assertText(TEXT.read(JsonReader.utf8(key), FIELD), id);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, -1, 12345678, 999999999999999999L, 1234567890123456789L, Long.MAX_VALUE,
            Long.MIN_VALUE})
    void readsWholeNumbersWrittenAsText(long number) {
        assertNumber(auto(Long.toString(number)), number);
        assertNumber(TEXT.read(JsonReader.utf8(Long.toString(number)), FIELD), number);
    }

    @Property
    void readsIntegersOf4Bytes(@ForAll int number) {
        assertNumber(INTEGER.read(bytes(number), FIELD), number);
    }

    @Property
    void readsIntegersOf8Bytes(@ForAll long number) {
        assertNumber(INTEGER.read(bytes(number), FIELD), number);
    }

    @Property
    void readsBytesThatAreNotPrintableAsIntegers(@ForAll @IntRange(min = 0, max = 0x1fff_ffff) int number) {
        assertNumber(auto(bytes(number)), number);
        assertNumber(auto(bytes((long) number)), number);
        assertNumber(auto(bytes(-number - 1)), -number - 1);
        assertNumber(auto(bytes(-number - 1L)), -number - 1L);
    }

    @Test
    void readsPrintableBytesAsText() {
        assertNumber(auto("1234"), 1234);
        assertNumber(auto("12345678"), 12345678);
        assertText(auto("C001"), "C001");
        assertNumber(INTEGER.read(JsonReader.utf8("1234"), FIELD), 0x31323334);
    }

    /** 0x22 is a quote and 0x7b a brace, but the bytes between them are not JSON. */
    @Test
    void readsIntegersWithBytesOfQuotesAsIntegers() {
        assertNumber(auto((byte) 0x22, (byte) 0, (byte) 0, (byte) 0x22), 0x22000022);
        assertNumber(auto((byte) 0x7b, (byte) 1, (byte) 2, (byte) 0x7d), 0x7b01027d);
        assertNumber(auto((byte) 0x22, (byte) 0, (byte) 0, (byte) 0, (byte) 0, (byte) 0, (byte) 0, (byte) 0x22),
                0x2200000000000022L);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"id\":1}", "{\"customer_id\":null}", "{\"customer_id\":1.5}",
            "{\"customer_id\":true}", "{\"customer_id\":{}}", "{\"customer_id\":\"\"}", "{\"customer_id\":1", "[1]",
            "\"\"", "\"abc", " null", "{\"schema\":{},\"payload\":null}", "{\"customer_id\":1,\"Customer_Id\":2}",
            "a\nb", "{\"customer_id\":1} x"})
    void rejectsTextWithoutId(String key) {
        assertInvalid(AUTO, JsonReader.utf8(key));
        assertInvalid(TEXT, JsonReader.utf8(key));
    }

    @Test
    void rejectsKeysOfUnknownFormats() {
        for (byte[] key : List.of(new byte[]{(byte) 0xff}, new byte[]{0, 0, 1}, new byte[]{(byte) 0xc3, 0x28, 1, 2, 3},
                new byte[16], JsonReader.utf8("x".repeat(257)))) {
            for (KeyFormat format : KeyFormat.values()) {
                assertInvalid(format, key);
            }
        }
        assertInvalid(INTEGER, JsonReader.utf8("12345"));
    }

    @Property(tries = 5_000)
    void readsOrRejectsAnyBytes(@ForAll KeyFormat format, @ForAll byte[] key) {
        try {
            Id id = format.read(key, FIELD);

            assertThat(id == null).isEqualTo(key.length == 0);
        } catch (InvalidInputException e) {
            assertThat(e.getMessage()).isNotEmpty();
        }
    }

    @Property(tries = 2_000)
    void readsOrRejectsAnyText(@ForAll KeyFormat format, @ForAll String key) {
        readsOrRejectsAnyBytes(format, JsonReader.utf8(key));
    }

    @Test
    void neverQuotesTheKey() {
        assertThatThrownBy(() -> auto("{\"id\":\"4111111111111111\"}")).hasMessage("key has no field customer_id");
        assertThatThrownBy(() -> auto("\"4111111111111111")).hasMessageNotContaining("4111");
        assertThatThrownBy(() -> auto("4111111111111111\n")).hasMessageNotContaining("4111");
    }
}
