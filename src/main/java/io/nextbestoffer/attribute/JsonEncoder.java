package io.nextbestoffer.attribute;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

import org.jspecify.annotations.Nullable;

import com.fasterxml.jackson.core.JsonGenerator;

/**
 * Writes many JSON documents to separate byte arrays with one generator: creating a generator costs as much as writing
 * a small document. Not thread-safe.
 */
public final class JsonEncoder {

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(1024);
    private @Nullable JsonGenerator generator;

    /** @return one JSON document in UTF-8 */
    public byte[] utf8(JsonWriter.Body body) {
        JsonGenerator json = generator;
        // A generator that fails within a document is not reused
        generator = null;
        bytes.reset();
        try {
            if (json == null) {
                json = JsonSettings.FACTORY.createGenerator(bytes);
            }
            body.writeTo(json);
            json.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        generator = json;
        return bytes.toByteArray();
    }
}
