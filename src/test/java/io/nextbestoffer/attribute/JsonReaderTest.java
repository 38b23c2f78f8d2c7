package io.nextbestoffer.attribute;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import java.nio.charset.Charset;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonReaderTest {

    private static Attributes object(String json) {
        return JsonReader.object(JsonReader.utf8(json));
    }

    private static void assertInvalid(String json, String message) {
        assertInvalid(JsonReader.utf8(json), message);
    }

    private static void assertInvalid(byte[] bytes, String message) {
        assertThatThrownBy(() -> JsonReader.object(bytes)).isInstanceOf(InvalidInputException.class)
                .hasMessageContaining(message).satisfies(e -> assertThat(e.getStackTrace()).isEmpty());
    }

    private static String fields(int count) {
        return IntStream.range(0, count).mapToObj(i -> "\"f" + i + "\":" + i)
                .collect(Collectors.joining(",", "{", "}"));
    }

    @Test
    void readsEveryKindOfValue() {
        Attributes read = object("""
                 {"Text": "é\\u00e9😀", "INT": -1, "long": 9223372036854775807, "double": 1.0, "exp": 1e3,
                  "t": true, "f": false, "n": null, "list": [1, [null]], "map": {"Name": {"b": "c"}}}
                """);

        assertThat(read.asMap()).containsExactly(entry("text", "éé😀"), entry("int", -1L),
                entry("long", Long.MAX_VALUE), entry("double", 1.0), entry("exp", 1000.0), entry("t", true),
                entry("f", false), entry("n", null), entry("list", List.of(1L, Arrays.asList((Object) null))),
                entry("map", Map.of("Name", Map.of("b", "c"))));
    }

    @Test
    void returnsTheBytesOfObjectsInADocument() {
        var objects = JsonReader.objectsIn(JsonReader.utf8(
                " {\"a\": {\"é\" : [{}, \"}\"] , \"n\":1.0},\"s\":\"{é}\",\"l\":[{}],\"i\":12 ,\"b\":{}} "));

        assertThat(objects).containsOnlyKeys("a", "b");
        assertThat(objects.get("a")).isEqualTo(JsonReader.utf8("{\"é\" : [{}, \"}\"] , \"n\":1.0}"));
        assertThat(objects.get("b")).isEqualTo(JsonReader.utf8("{}"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "1", "{\"a\":{}", "{\"a\":{}}{}", "{\"a\":{},\"a\":{}}", "{\"a\":{]}"})
    void rejectsDocumentsWithoutObjectsToReturn(String json) {
        assertThatThrownBy(() -> JsonReader.objectsIn(JsonReader.utf8(json)))
                .isInstanceOf(InvalidInputException.class);
    }

    @Test
    void readsAnyDocumentAsValue() {
        assertThat(JsonReader.value(JsonReader.utf8("1"))).isEqualTo(1L);
        assertThat(JsonReader.value(JsonReader.utf8(" \"a\" "))).isEqualTo("a");
        assertThat(JsonReader.value(JsonReader.utf8("null"))).isNull();
        assertThat(JsonReader.value(JsonReader.utf8("[{}]"))).isEqualTo(List.of(Map.of()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{", "}", "{]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "{'a':1}", "{\"a\":01}",
            "{\"a\":+1}", "{\"a\":.5}", "{\"a\":NaN}", "{\"a\":Infinity}", "{\"a\":tru}", "{\"a\":\"\t\"}",
            "{\"a\":\"\\x\"}", "{/**/}", "hello", "<a/>", "{\"a\":[1,2}", "{\"a\":\"b"})
    void rejectsTextThatIsNotJson(String text) {
        assertInvalid(text, "not JSON");
    }

    @Test
    void rejectsAMissingValue() {
        assertThatThrownBy(() -> JsonReader.object(null)).isInstanceOf(InvalidInputException.class)
                .hasMessage("value is null");
        assertInvalid("", "value is empty");
        assertInvalid(" \n\t", "value is empty");
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '\'', textBlock = """
            '[{}]', an array
            '"{}"', a string
            '1',    a number
            '1.5',  a number
            'null', null
            'true', a boolean
            """)
    void rejectsDocumentsThatAreNotObjects(String json, String kind) {
        assertInvalid(json, "not a JSON object but " + kind);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}{}", "{} 1", "{},", "{}]", "{}x", "{}\0"})
    void rejectsContentAfterTheDocument(String json) {
        assertThatThrownBy(() -> object(json)).isInstanceOf(InvalidInputException.class);
    }

    @Test
    void rejectsDuplicateFields() {
        assertInvalid("{\"a\":1,\"b\":2,\"a\":1}", "field a occurs twice");
        assertInvalid("{\"Income\":1,\"income\":1}", "field income occurs twice");
        assertInvalid("{\"É\":1,\"é\":1}", "field é occurs twice");
    }

    /** A duplicate field is ambiguous. {@code POST /activities} and the rows of an envelope contain nested objects. */
    @Test
    void rejectsDuplicateNestedFields() {
        assertInvalid("{\"after\":{\"income\":1,\"income\":2}}", "field income occurs twice");
        assertThatThrownBy(() -> JsonReader.value(JsonReader.utf8("{\"customer_id\":1,\"customer_id\":2}")))
                .isInstanceOf(InvalidInputException.class).hasMessage("field customer_id occurs twice");
    }

    @Test
    void rejectsOtherEncodings() {
        String json = "{\"name\":\"José\"}";
        for (Charset charset : List.of(ISO_8859_1, UTF_16, UTF_16BE, UTF_16LE, Charset.forName("UTF-32"),
                Charset.forName("UTF-32BE"), Charset.forName("UTF-32LE"), Charset.forName("UTF-32LE-BOM"),
                Charset.forName("x-UTF-16LE-BOM"))) {
            assertInvalid(json.getBytes(charset), "not JSON");
        }
        assertInvalid("1".getBytes(UTF_16LE), "not JSON");
    }

    @Test
    void ignoresTheByteOrderMarkOfUtf8() {
        assertThat(object("\uFEFF{\"a\":1}")).isEqualTo(object("{\"a\":1}"));
    }

    /** Overlong NUL, surrogates, beyond U+10FFFF, stray and missing continuation bytes, bytes that are never valid. */
    @ParameterizedTest
    @ValueSource(strings = {"c080", "eda080", "edb080", "f4908080", "f8888080", "f0808080", "80", "e282", "ff"})
    void rejectsInvalidUtf8(String hex) {
        byte[] bytes = HexFormat.of().parseHex("7b2261223a22" + hex + "227d");

        assertThatThrownBy(() -> JsonReader.object(bytes)).isInstanceOf(InvalidInputException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\\ud83d", "\\ude00", "\\ud83dx", "\\ude00\\ud83d", "\\ud83d\\ud83d\\ude00"})
    void rejectsUnpairedSurrogates(String escaped) {
        assertInvalid("{\"a\":\"" + escaped + "\"}", "a contains half a surrogate pair");
        assertInvalid("{\"" + escaped + "\":1}", "a field name contains half a surrogate pair");
        assertInvalid("{\"a\":[{\"" + escaped + "\":1}]}", "a field name contains half a surrogate pair");
    }

    @Test
    void rejectsNul() {
        assertInvalid("{\"a\":\"x\\u0000\"}", "a contains the character NUL");
        assertInvalid("{\"a\":[\"\\u0000\"]}", "a contains the character NUL");
        assertInvalid("{\"x\\u0000\":1}", "a field name contains the character NUL");
        assertInvalid("{\"a\":{\"\\u0000\":1}}", "a field name contains the character NUL");
    }

    @ParameterizedTest
    @ValueSource(strings = {"9223372036854775808", "-9223372036854775809", "1e999", "-1e999", "1e99999999999999999999",
            "[1e999]", "{\"b\":9223372036854775808}"})
    void rejectsNumbersOutOfRange(String number) {
        assertThatThrownBy(() -> object("{\"a\":" + number + "}")).isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("is a number out of range");
    }

    @Test
    void limitsStrings() {
        assertThat(object("{\"a\":\"" + "x".repeat(65_536) + "\"}").get("a")).asString().hasSize(65_536);
        assertInvalid("{\"a\":\"" + "x".repeat(65_537) + "\"}", "65536");
        assertInvalid("{\"a\":\"" + "x".repeat(1 << 20) + "\"}", "65536");
        assertInvalid("{\"" + "x".repeat(257) + "\":1}", "256");
        assertInvalid("{\"a\":" + "1".repeat(101) + "}", "100");
        assertInvalid("{\"a\":" + "1".repeat(1 << 20) + "}", "not JSON");
    }

    @Test
    void limitsNesting() {
        assertThat(object("{\"a\":" + "[".repeat(31) + "]".repeat(31) + "}").size()).isEqualTo(1);
        assertInvalid("{\"a\":" + "[".repeat(32) + "]".repeat(32) + "}", "32");
        assertInvalid("{\"a\":" + "[".repeat(500_000), "32");
        assertInvalid("{\"a\":".repeat(100_000), "32");
    }

    @Test
    void limitsFields() {
        assertThat(object(fields(512)).size()).isEqualTo(512);
        assertInvalid(fields(513), "more than 512 fields");
    }

    /**
     * The objects in an envelope or a POST are stored, and read back with {@link JsonReader#object}, which has the same
     * limit. The time to build attributes grows with the square of their number.
     */
    @Test
    void limitsTheFieldsOfNestedObjects() {
        byte[] inside = JsonReader.utf8("[" + fields(513) + "]");

        assertThatThrownBy(() -> JsonReader.value(inside)).isInstanceOf(InvalidInputException.class)
                .hasMessage("more than 512 fields");
    }

    /** Names are stored in lower case, which can be longer, so the limit of their length applies to that form, too. */
    @Test
    void rejectsNamesThatCouldNotBeReadBack() {
        String json = "{\"" + "İ".repeat(100) + "\":1}";

        assertThatThrownBy(() -> object(json)).isInstanceOf(InvalidInputException.class)
                .hasMessageNotContaining("İİ");
    }

    @Test
    void convertsNestedObjectsToAttributes() {
        var inside = (Map<?, ?>) object("{\"after\":{\"Income\":1,\"B\":{\"C\":2}}}").get("after");

        assertThat(JsonReader.attributes(inside).asMap()).containsExactly(entry("income", 1L),
                entry("b", Map.of("C", 2L)));
        assertThatThrownBy(() -> JsonReader.attributes(Map.of("a", 1L, "A", 2L)))
                .isInstanceOf(InvalidInputException.class).hasMessage("field a occurs twice");
    }

    @Test
    void reportsThePositionOfAnError() {
        assertThatThrownBy(() -> object("{\n \"a\": ?}")).hasMessage("not JSON: JsonParse at line 2, column 7");
    }

    @Test
    void neverQuotesAValue() {
        String secret = "4111111111111111";
        String json = "{\"card\":\"" + secret + "\",\"number\":" + secret + ",\"list\":[" + secret + "x\"]}";
        for (int length = 0; length < json.length(); length++) {
            assertKeptSecret(json.substring(0, length), secret);
        }
        for (String broken : List.of("\"%s\\u0000\"", "\"\\ud83d%s\"", "%s%1$s", "%s.5e999", "%sx", "tru%s", "\"%s\\q",
                "\"%s\"\"", "-%s%1$s", "\"%s\t\"")) {
            assertKeptSecret("{\"card\":" + broken.formatted(secret) + "}", secret);
        }
        assertKeptSecret(secret + "{}", secret);
        assertKeptSecret("{}" + secret, secret);
    }

    private static void assertKeptSecret(String json, String secret) {
        assertThatThrownBy(() -> object(json)).isInstanceOf(InvalidInputException.class)
                .hasMessageNotContaining(secret.substring(0, 8)).hasNoCause();
    }
}
