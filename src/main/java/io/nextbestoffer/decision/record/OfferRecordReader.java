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

/** Reads the output topic, in which there may be offers of both formats. */
@ApplicationScoped
public class OfferRecordReader {

    /** Its own schema a replica has in memory; that of another release it has to ask for. */
    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    private final SchemaCache schemas;

    OfferRecordReader(SchemaCache schemas) {
        this.schemas = schemas;
    }

    /**
     * What makes JSON of these records, as {@link #json} does, without waiting: the wait is for this, as long as the
     * registry is away.
     */
    public Uni<UnaryOperator<byte[]>> reader(Collection<byte @Nullable []> values) {
        return decoder(values).map(decoder -> value -> json(decoder, value));
    }

    private Uni<RecordDecoder> decoder(Collection<byte @Nullable []> values) {
        var needed = new RecordDecoder.SchemaIds();
        values.forEach(needed::addValue);
        return schemas.decoder(needed);
    }

    /**
     * Waits for the registry if need be, but not long: not on an event loop.
     *
     * @return the offer in JSON; the same bytes if it is
     * @throws InvalidInputException if it is in Avro and can't be read
     */
    public byte[] json(byte[] value) {
        if (!WireFormat.matches(value)) {
            return value;
        }
        try {
            return json(decoder(List.of(value)).await().atMost(TIMEOUT), value);
        } catch (TimeoutException e) {
            throw new InvalidInputException("the registry does not give its schema");
        }
    }

    private static byte[] json(RecordDecoder decoder, byte[] value) {
        return WireFormat.matches(value)
                ? JsonWriter.utf8(OfferAvroConverter.offer(decoder.object(value))::writeTo)
                : value;
    }
}
