package io.nextbestoffer.decision.record;

import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

import io.nextbestoffer.attribute.JsonReader;
import io.nextbestoffer.kafka.avro.AvroWriter;
import io.nextbestoffer.kafka.avro.SchemaCache;

/** Offers in Avro, once the registry has their schema. */
final class AvroOfferRecordFactory implements OfferRecordFactory {

    private final String topic;
    private final String subject;
    private final OfferAvroConverter schema = OfferAvroConverter.load();
    private volatile @Nullable AvroWriter writer;

    AvroOfferRecordFactory(String topic, String subject, boolean register, SchemaCache schemas) {
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
