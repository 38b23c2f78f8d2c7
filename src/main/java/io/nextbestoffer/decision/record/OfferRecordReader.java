package io.nextbestoffer.decision.record;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.function.UnaryOperator;

import jakarta.enterprise.context.ApplicationScoped;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.attribute.InvalidInputException;
import io.nextbestoffer.attribute.JsonWriter;
import io.nextbestoffer.kafka.avro.RecordDecoder;
import io.nextbestoffer.kafka.avro.SchemaCache;
import io.nextbestoffer.kafka.avro.WireFormat;
import io.smallrye.mutiny.TimeoutException;
import io.smallrye.mutiny.Uni;

/** Reads records of the offer topic, in either format. */
@ApplicationScoped
public class OfferRecordReader {

    /**
     * Timeout for fetching a schema. A replica has its own schema in memory, but must fetch that of another release.
     */
    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    private final SchemaCache schemas;

    OfferRecordReader(SchemaCache schemas) {
        this.schemas = schemas;
    }

    /**
     * Returns a function that converts these records to JSON. This method waits while the registry is unavailable; the
     * function never waits.
     */
    public Uni<UnaryOperator<byte[]>> reader(Collection<byte @Nullable []> values) {
        return decoder(values).map(decoder -> value -> json(decoder, value));
    }

    private Uni<RecordDecoder> decoder(Collection<byte @Nullable []> values) {
        var schemaIds = new RecordDecoder.SchemaIds();
        values.forEach(schemaIds::addValue);
        return schemas.decoder(schemaIds);
    }

    /**
     * Converts a record to JSON, or returns the same bytes if it is JSON. It may wait for the registry, 5 s at most, so
     * it must not run on an event loop.
     *
     * @throws InvalidInputException if the record is in Avro and can't be read
     */
    public byte[] json(byte[] value) {
        if (!WireFormat.matches(value)) {
            return value;
        }
        try {
            return json(decoder(List.of(value)).await().atMost(TIMEOUT), value);
        } catch (TimeoutException e) {
            throw new InvalidInputException("the registry did not return the schema");
        }
    }

    private static byte[] json(RecordDecoder decoder, byte[] value) {
        return WireFormat.matches(value)
                ? JsonWriter.utf8(OfferAvroConverter.offer(decoder.object(value))::writeTo)
                : value;
    }
}
