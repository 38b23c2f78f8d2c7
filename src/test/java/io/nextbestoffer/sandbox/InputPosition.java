package io.nextbestoffer.sandbox;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.UUID;

/** Position of an input record, from which the id of its decision is derived. */
public record InputPosition(UUID topicId, int partition, long offset) {

    /**
     * The id of the decision on this record: the name-based UUID (version 5, RFC 9562) of "partition/offset" in the
     * namespace of the topic id. Computed without code of the service, to reveal mistakes in that code.
     */
    public UUID decisionId() {
        byte[] namespace = ByteBuffer.allocate(16).putLong(topicId.getMostSignificantBits())
                .putLong(topicId.getLeastSignificantBits()).array();
        try {
            MessageDigest sha1 = MessageDigest.getInstance("SHA-1");
            sha1.update(namespace);
            byte[] hash = sha1.digest((partition + "/" + offset).getBytes(StandardCharsets.UTF_8));
            hash[6] = (byte) (hash[6] & 0x0f | 0x50);
            hash[8] = (byte) (hash[8] & 0x3f | 0x80);
            ByteBuffer bytes = ByteBuffer.wrap(hash);
            return new UUID(bytes.getLong(), bytes.getLong());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java runtime has SHA-1", e);
        }
    }
}
