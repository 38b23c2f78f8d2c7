package io.nextbestoffer.activity;

import static org.assertj.core.api.Assertions.assertThat;

import io.nextbestoffer.attribute.InvalidInputException;
import io.nextbestoffer.attribute.KeyFormat;
import io.nextbestoffer.fuzz.FuzzGenerator;
import io.nextbestoffer.fuzz.FuzzedRecord;
import io.nextbestoffer.fuzz.WireSamples;
import io.nextbestoffer.kafka.avro.RecordDecoder;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.WithNull;

/** Any record is read as an activity that can be written again, or rejected. */
class ActivityCodecPropertiesTest {

    private static final int RECORDS = 20;
    private static final byte[] NO_KEY = null;

    private record Config(KeyFormat keyFormat, int maxPerRequest) implements ActivityConfig {
    }

    private static void assertReadOrRejected(KeyFormat format, byte[] key, byte[] value) {
        var codec = new ActivityCodec(new Config(format, 1));
        Activity read;
        try {
            read = codec.read(RecordDecoder.JSON_ONLY, key, value);
        } catch (InvalidInputException e) {
            assertThat(e.getMessage()).isNotEmpty().doesNotContain(WireSamples.CANARY);
            return;
        }

        assertThat(codec.read(RecordDecoder.JSON_ONLY, NO_KEY, codec.write(read))).isEqualTo(read);
    }

    @Property
    void readsOrRejectsAnyBytes(@ForAll KeyFormat format, @ForAll @WithNull byte[] key,
            @ForAll @WithNull byte[] value) {
        assertReadOrRejected(format, key, value);
    }

    @Property(tries = 2_000)
    void readsOrRejectsDamagedRecords(@ForAll KeyFormat format, @ForAll long seed) {
        var fuzz = new FuzzGenerator(seed, 1);
        for (int i = 0; i < RECORDS; i++) {
            FuzzedRecord record = fuzz.activity();

            assertReadOrRejected(format, record.key(), record.value());
        }
    }
}
