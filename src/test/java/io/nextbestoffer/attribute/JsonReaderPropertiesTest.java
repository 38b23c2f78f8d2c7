package io.nextbestoffer.attribute;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Any input is read or rejected; a document that is read can be written and read again. */
class JsonReaderPropertiesTest {

    private static final String DOCUMENT = """
            {"Name":"é😀\\n\\u00e9","list":[1,-2.5e-3,[null,{}]],"map":{"A":true,"a":{"b":"c"}},"É":1e308,"z":-0.0}""";

    @Property(tries = 5_000)
    void readsBackDocumentsUnchangedOrRejectsThem(@ForAll("bytes") byte[] bytes) {
        Attributes read;
        try {
            read = JsonReader.object(bytes);
        } catch (InvalidInputException e) {
            return;
        }

        byte[] written = JsonWriter.utf8(read::writeTo);
        String text = JsonWriter.text(read::writeTo);

        assertThat(JsonReader.object(written)).isEqualTo(read).hasSameHashCodeAs(read);
        assertThat(JsonReader.object(JsonReader.utf8(text))).isEqualTo(read);
    }

    @Property(tries = 5_000)
    void readsBackValuesUnchangedOrRejectsThem(@ForAll("bytes") byte[] bytes) {
        Object read;
        try {
            read = JsonReader.value(bytes);
        } catch (InvalidInputException e) {
            return;
        }

        byte[] written = JsonWriter.utf8(json -> Attributes.writeValue(json, read));

        assertThat(JsonReader.value(written)).isEqualTo(read);
    }

    @Property
    void readsBackStringsUnchanged(@ForAll("texts") String name, @ForAll("texts") String value) {
        Attributes attributes = new Attributes.Builder().add(JsonReader.lowerCase(name), value).build();

        assertThat(JsonReader.object(JsonWriter.utf8(attributes::writeTo))).isEqualTo(attributes);
    }

    @Provide
    Arbitrary<byte[]> bytes() {
        return Arbitraries.oneOf(
                Arbitraries.bytes().array(byte[].class).ofMaxSize(40),
                Arbitraries.strings().withChars("{}[]\":,\\u0dDeE+-.19atfrunls \n\u0000é\ud83d\ude00").ofMaxLength(30)
                        .map(JsonReader::utf8),
                damaged(JsonReader.utf8(DOCUMENT)));
    }

    private static Arbitrary<byte[]> damaged(byte[] document) {
        var place = Arbitraries.integers().between(0, document.length - 1);
        return Combinators.combine(place, Arbitraries.bytes(), place, Arbitraries.of(true, false))
                .as((at, replacement, end, cut) -> {
                    byte[] copy = document.clone();
                    copy[at] = replacement;
                    return cut ? Arrays.copyOf(copy, end) : copy;
                });
    }

    @Provide
    Arbitrary<String> texts() {
        return Arbitraries.oneOf(
                Arbitraries.strings().withCharRange('\u0001', '\ud7ff').ofMaxLength(60),
                Arbitraries.strings().withCharRange('\u0001', '\u007f').ofMaxLength(60),
                Arbitraries.of("😀", "\\", "\"", "\u2028", "\ufeff", "\uffff", ""));
    }
}
