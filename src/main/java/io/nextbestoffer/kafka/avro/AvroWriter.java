package io.nextbestoffer.kafka.avro;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;

/** Writes records in the wire format with one schema of the registry. */
public final class AvroWriter {

    private final byte[] header;
    private final GenericDatumWriter<GenericRecord> writer;

    AvroWriter(int schemaId, Schema schema) {
        header = WireFormat.header(schemaId);
        writer = new GenericDatumWriter<>(schema);
    }

    public byte[] write(GenericRecord record) {
        var bytes = new ByteArrayOutputStream(512);
        bytes.writeBytes(header);
        BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(bytes, null);
        try {
            writer.write(record, encoder);
            encoder.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}
