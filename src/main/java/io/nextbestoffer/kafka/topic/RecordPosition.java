package io.nextbestoffer.kafka.topic;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.UUID;

import org.apache.kafka.common.Uuid;

import io.nextbestoffer.attribute.JsonReader;

/**
 * The position of a record in the input. It is unique for ever: a topic that is deleted and created again has another
 * id.
 *
 * @param offset 0 or greater
 */
public record RecordPosition(UUID topicId, int partition, long offset) {

    /** Converts Kafka's type of topic id. */
    public static UUID topicId(Uuid id) {
        return new UUID(id.getMostSignificantBits(), id.getLeastSignificantBits());
    }

    /**
     * The id of the decision for this record: a UUIDv5 (RFC 9562) of the name {@code partition/offset} in the namespace
     * of the topic id. The same record has the same decision id, however often it is processed.
     */
    public UUID decisionId() {
        MessageDigest sha1;
        try {
            sha1 = MessageDigest.getInstance("SHA-1");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform supports SHA-1", e);
        }
        sha1.update(ByteBuffer.allocate(16).putLong(topicId.getMostSignificantBits())
                .putLong(topicId.getLeastSignificantBits()).flip());
        ByteBuffer hash = ByteBuffer.wrap(sha1.digest(JsonReader.utf8(partition + "/" + offset)));
        long high = hash.getLong() & ~0xF000L | 0x5000L;
        long low = hash.getLong() & 0x3FFF_FFFF_FFFF_FFFFL | 0x8000_0000_0000_0000L;
        return new UUID(high, low);
    }
}
