package io.nextbestoffer.customer;

import static io.nextbestoffer.attribute.JsonReader.utf8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.UUID;

import io.nextbestoffer.attribute.Attributes;
import io.nextbestoffer.attribute.InvalidInputException;
import io.nextbestoffer.attribute.JsonReader;
import io.nextbestoffer.attribute.JsonWriter;
import io.nextbestoffer.attribute.KeyFormat;
import io.nextbestoffer.fuzz.FuzzGenerator;
import io.nextbestoffer.fuzz.FuzzedRecord;
import io.nextbestoffer.fuzz.WireSamples;
import io.nextbestoffer.kafka.avro.RecordDecoder;
import io.nextbestoffer.kafka.topic.RecordPosition;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.WithNull;

/** Any record is read as a change or rejected. */
class ChangeCodecPropertiesTest {

    private static final RecordPosition POSITION = new RecordPosition(new UUID(1, 2), 3, 4);
    private static final int RECORDS = 20;

    private static void assertReadOrRejected(KeyFormat format, byte[] key, byte[] value) {
        try {
            CustomerChange change = ChangeCodecTest.codec("customer_id", format, null).read(RecordDecoder.JSON_ONLY,
                    key,
                    value, POSITION);

            assertThat(change.order().position()).isEqualTo(POSITION);
            if (change instanceof CustomerChange.Stored stored) {
                // A stored profile that cannot be read would stop every batch that needs it
                Attributes attributes = stored.customer().attributes();
                assertThat(JsonReader.object(utf8(JsonWriter.text(attributes::writeTo)))).isEqualTo(attributes);
            }
        } catch (InvalidInputException e) {
            assertThat(e.getMessage()).isNotEmpty().doesNotContain(WireSamples.CANARY);
        }
    }

    @Property
    void readsOrRejectsAnyBytes(@ForAll KeyFormat format, @ForAll @WithNull byte[] key,
            @ForAll @WithNull byte[] value) {
        assertReadOrRejected(format, key, value);
    }

    @Property(tries = 5_000)
    void readsOrRejectsAnyJson(@ForAll KeyFormat format, @ForAll("documents") String key,
            @ForAll("documents") String value) {
        assertReadOrRejected(format, utf8(key), utf8(value));
    }

    @Property(tries = 2_000)
    void readsOrRejectsDamagedRecords(@ForAll KeyFormat format, @ForAll long seed) {
        var fuzz = new FuzzGenerator(seed, 1);
        for (int i = 0; i < RECORDS; i++) {
            FuzzedRecord record = fuzz.change();

            assertReadOrRejected(format, record.key(), record.value());
        }
    }

    @Provide
    Arbitrary<String> documents() {
        return objects(objects(objects(scalars())));
    }

    private static Arbitrary<String> objects(Arbitrary<String> inner) {
        var names = Arbitraries.of("op", "before", "after", "source", "schema", "payload", "lsn", "ts_ms",
                "customer_id", "__op", "__deleted", "__lsn", "__source_ts_ms", "fico");
        var fields = Combinators.combine(names, Arbitraries.oneOf(inner, scalars()))
                .as((name, value) -> "\"" + name + "\":" + value);
        return fields.list().ofMaxSize(5).map(list -> "{" + String.join(",", list) + "}");
    }

    private static Arbitrary<String> scalars() {
        return Arbitraries.of("null", "1", "-2.5", "true", "\"c\"", "\"d\"", "\"t\"", "\"m\"", "\"true\"", "\"\"",
                "[]", "[1]", "{}");
    }
}
