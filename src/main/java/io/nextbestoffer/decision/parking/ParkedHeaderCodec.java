package io.nextbestoffer.decision.parking;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;

/**
 * Writes the headers of a parked record to one column: lengths and bytes of each name and value, length -1 for null.
 */
final class ParkedHeaderCodec {

    private ParkedHeaderCodec() {
    }

    /** @return null if there are none */
    static byte @Nullable [] write(Headers headers) {
        if (!headers.iterator().hasNext()) {
            return null;
        }
        var bytes = new ByteArrayOutputStream();
        try (var out = new DataOutputStream(bytes)) {
            for (Header header : headers) {
                write(out, header.key().getBytes(StandardCharsets.UTF_8));
                write(out, header.value());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    static Headers read(byte @Nullable [] bytes) {
        var headers = new RecordHeaders();
        if (bytes != null) {
            try (var in = new DataInputStream(new ByteArrayInputStream(bytes))) {
                while (in.available() > 0) {
                    byte[] name = readBytes(in);
                    headers.add(new String(name, StandardCharsets.UTF_8), readBytes(in));
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return headers;
    }

    private static void write(DataOutputStream out, byte @Nullable [] bytes) throws IOException {
        out.writeInt(bytes == null ? -1 : bytes.length);
        if (bytes != null) {
            out.write(bytes);
        }
    }

    private static byte @Nullable [] readBytes(DataInputStream in) throws IOException {
        int length = in.readInt();
        return length < 0 ? null : in.readNBytes(length);
    }
}
