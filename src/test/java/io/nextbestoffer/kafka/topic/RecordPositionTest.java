package io.nextbestoffer.kafka.topic;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.UUID;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;

class RecordPositionTest {

    /** Computed by Python: uuid.uuid5(uuid.UUID(topic), name). */
    @ParameterizedTest
    @CsvSource(textBlock = """
            6ba7b810-9dad-11d1-80b4-00c04fd430c8,  0,                   0, e5b2748c-d401-536d-9571-0e6e3eda5926
            6ba7b810-9dad-11d1-80b4-00c04fd430c8,  3,                  42, 48975c50-4bd0-5c71-9993-abdff7586225
            00000000-0000-0000-0000-000000000000,  0,                   0, 6bccd071-f76c-5b5b-99a3-cf749ffe168b
            ffffffff-ffff-ffff-ffff-ffffffffffff, 11, 9223372036854775807, f0b18b11-671a-5140-8213-3e97e0a374d6
            """)
    void derivesTheDecisionIdAsUuid5(UUID topic, int partition, long offset, UUID expected) {
        assertThat(new RecordPosition(topic, partition, offset).decisionId()).isEqualTo(expected);
    }

    @Property
    void derivesTheDecisionIdWithSha1(@ForAll long high, @ForAll long low,
            @ForAll @IntRange(max = 10_000) int partition, @ForAll @LongRange(min = 0) long offset)
            throws NoSuchAlgorithmException {
        UUID id = new RecordPosition(new UUID(high, low), partition, offset).decisionId();

        assertThat(id).isEqualTo(nameUuid(new UUID(high, low), partition + "/" + offset));
        assertThat(id.version()).isEqualTo(5);
        assertThat(id.variant()).isEqualTo(2);
    }

    @Property
    void derivesDifferentIdsFromDifferentPositions(@ForAll @IntRange(max = 100) int partition,
            @ForAll @LongRange(min = 0, max = 1_000) long offset) {
        var position = new RecordPosition(new UUID(0, 0), partition, offset);

        assertThat(position.decisionId())
                .isNotEqualTo(new RecordPosition(new UUID(0, 0), partition, offset + 1).decisionId())
                .isNotEqualTo(new RecordPosition(new UUID(0, 0), partition + 1, offset).decisionId())
                .isNotEqualTo(new RecordPosition(new UUID(0, 1), partition, offset).decisionId());
    }

    /** Like {@link UUID#nameUUIDFromBytes}, but with SHA-1 and version 5. */
    private static UUID nameUuid(UUID space, String name) throws NoSuchAlgorithmException {
        byte[] text = name.getBytes(StandardCharsets.UTF_8);
        byte[] hash = MessageDigest.getInstance("SHA-1").digest(ByteBuffer.allocate(16 + text.length)
                .putLong(space.getMostSignificantBits()).putLong(space.getLeastSignificantBits()).put(text).array());
        hash[6] &= 0x0f;
        hash[6] |= 0x50;
        hash[8] &= 0x3f;
        hash[8] |= (byte) 0x80;
        ByteBuffer bytes = ByteBuffer.wrap(hash);
        return new UUID(bytes.getLong(), bytes.getLong());
    }
}
