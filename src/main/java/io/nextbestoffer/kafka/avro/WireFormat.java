package io.nextbestoffer.kafka.avro;

import java.nio.ByteBuffer;

import org.jspecify.annotations.Nullable;

/** Confluent's wire format: a byte 0, the schema's id as a big-endian integer of 4 bytes, Avro's binary form. */
public final class WireFormat {

    static final int HEADER = 5;
    private static final byte MAGIC = 0;

    private WireFormat() {
    }

    /** JSON never begins with this byte. */
    public static boolean matches(byte @Nullable [] bytes) {
        return bytes != null && bytes.length >= HEADER && bytes[0] == MAGIC;
    }

    /** @param bytes that {@link #matches match} */
    static int schemaId(byte[] bytes) {
        return ByteBuffer.wrap(bytes).getInt(1);
    }

    static byte[] header(int schemaId) {
        return ByteBuffer.allocate(HEADER).put(MAGIC).putInt(schemaId).array();
    }
}
