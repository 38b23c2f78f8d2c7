package io.nextbestoffer.attribute;

import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.ByteArrayBuilder;

/** Writes JSON without data binding. */
public final class JsonWriter {

    /** Writes a document to a generator. */
    public interface Body {
        void writeTo(JsonGenerator json) throws IOException;
    }

    private JsonWriter() {
    }

    public static String text(Body body) {
        var text = new StringWriter(256);
        try (JsonGenerator json = JsonSettings.FACTORY.createGenerator(text)) {
            body.writeTo(json);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }

    public static byte[] utf8(Body body) {
        try (var bytes = new ByteArrayBuilder(512); JsonGenerator json = JsonSettings.FACTORY.createGenerator(bytes)) {
            body.writeTo(json);
            json.flush();
            return bytes.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
