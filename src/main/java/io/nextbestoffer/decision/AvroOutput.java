package io.nextbestoffer.decision;

import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

import io.nextbestoffer.attribute.JsonReader;
import io.nextbestoffer.avro.AvroWriter;
import io.nextbestoffer.avro.Schemas;

/** Offers in Avro, once the registry has their schema. */
final class AvroOutput implements OfferOutput {

    private final String topic;
    private final String subject;
    private final OfferSchema schema = OfferSchema.load();
    private volatile @Nullable AvroWriter writer;

    AvroOutput(String topic, String subject, boolean register, Schemas schemas) {
        this.topic = topic;
        this.subject = subject;
        schemas.writer(subject, schema.avro(), register).subscribe().with(ready -> writer = ready);
    }

    @Override
    public @Nullable String obstacle() {
        return writer == null ? "the registry has not got the schema of the offers yet, subject " + subject : null;
    }

    @Override
    public ProducerRecord<byte[], byte[]> record(String customer, byte[] json) {
        AvroWriter ready = writer;
        if (ready == null) {
            throw new IllegalStateException(obstacle());
        }
        return new ProducerRecord<>(topic, JsonReader.utf8(customer),
                ready.write(schema.record(JsonReader.object(json))));
    }
}
