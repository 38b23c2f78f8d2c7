package io.nextbestoffer.kafka.avro;

import java.nio.ByteBuffer;

import org.jspecify.annotations.Nullable;

/** Confluent's wire format: byte 0, the schema's id as a big-endian integer of 4 bytes, then binary Avro or JSON. */
public final class WireFormat {

    static final int HEADER = 5;
    private static final byte MAGIC = 0;

    private WireFormat() {
    }

    /** Whether bytes are in this format: JSON itself never begins with byte 0. */
    public static boolean matches(byte @Nullable [] bytes) {
        return bytes != null && bytes.length >= HEADER && bytes[0] == MAGIC;
    }

    /** @param bytes bytes that {@link #matches match} */
    static int schemaId(byte[] bytes) {
        return ByteBuffer.wrap(bytes).getInt(1);
    }

    static byte[] header(int schemaId) {
        return ByteBuffer.allocate(HEADER).put(MAGIC).putInt(schemaId).array();
    }
}
