package io.nextbestoffer.decision;

import java.time.Duration;

import jakarta.enterprise.context.ApplicationScoped;

import io.nextbestoffer.attribute.InvalidInputException;
import io.nextbestoffer.attribute.JsonWriter;
import io.nextbestoffer.avro.Documents;
import io.nextbestoffer.avro.Schemas;
import io.nextbestoffer.avro.WireFormat;
import io.smallrye.mutiny.TimeoutException;

/** Reads the output topic, in which there may be offers of both formats. */
@ApplicationScoped
public class OfferRecords {

    /** Its own schema a replica has in memory; that of another release it has to ask for. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final Schemas schemas;

    OfferRecords(Schemas schemas) {
        this.schemas = schemas;
    }

    /**
     * Waits for the registry if need be: not on an event loop.
     *
     * @return the offer in JSON; the same bytes if it is
     * @throws InvalidInputException if it is in Avro and can't be read
     */
    public byte[] json(byte[] value) {
        if (!WireFormat.matches(value)) {
            return value;
        }
        var needed = new Documents.Needed();
        needed.value(value);
        try {
            Documents documents = schemas.documents(needed).await().atMost(PATIENCE);
            return JsonWriter.utf8(OfferSchema.offer(documents.object(value))::writeTo);
        } catch (TimeoutException e) {
            throw new InvalidInputException("the registry does not give its schema");
        }
    }
}
