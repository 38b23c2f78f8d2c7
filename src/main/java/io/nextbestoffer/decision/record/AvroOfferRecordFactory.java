package io.nextbestoffer.decision.record;

import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

import io.nextbestoffer.attribute.JsonReader;
import io.nextbestoffer.kafka.avro.AvroWriter;
import io.nextbestoffer.kafka.avro.SchemaCache;

/** Creates offer records in Avro, once the schema is registered. */
final class AvroOfferRecordFactory implements OfferRecordFactory {

    private final String topic;
    private final String subject;
    private final OfferAvroConverter converter = OfferAvroConverter.load();
    private volatile @Nullable AvroWriter writer;

    AvroOfferRecordFactory(String topic, String subject, boolean register, SchemaCache schemas) {
        this.topic = topic;
        this.subject = subject;
        schemas.writer(subject, converter.avro(), register).subscribe().with(ready -> writer = ready);
    }

    @Override
    public @Nullable String obstacle() {
        return writer == null ? "the schema of offers is not registered yet, subject " + subject : null;
    }

    @Override
    public ProducerRecord<byte[], byte[]> record(String customer, byte[] json) {
        AvroWriter ready = writer;
        if (ready == null) {
            throw new IllegalStateException(obstacle());
        }
        return new ProducerRecord<>(topic, JsonReader.utf8(customer),
                ready.write(converter.record(JsonReader.object(json))));
    }
}
