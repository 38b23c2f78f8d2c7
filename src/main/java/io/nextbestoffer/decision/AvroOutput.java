package io.nextbestoffer.decision;

import java.util.List;

import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.jspecify.annotations.Nullable;

import io.nextbestoffer.attribute.JsonReader;
import io.nextbestoffer.avro.AvroWriter;
import io.nextbestoffer.avro.Schemas;

/** Offers in Avro, once the registry has their schema. */
final class AvroOutput implements OfferOutput {

    static final String VERSION_HEADER = "offer-schema-version";

    private final String topic;
    private final String subject;
    private final OfferSchema schema = OfferSchema.load();
    private final List<Header> headers = List
            .of(new RecordHeader(VERSION_HEADER, JsonReader.utf8(Integer.toString(schema.version()))));
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
        return new ProducerRecord<>(topic, null, null, JsonReader.utf8(customer),
                ready.write(schema.record(JsonReader.object(json))), headers);
    }
}
