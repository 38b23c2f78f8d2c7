package io.nextbestoffer.sandbox;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * Serializes and deserializes like Confluent's client library, as other applications of the bank would. Uses Avro's own
 * library, and shares no code with the service.
 */
public final class SandboxAvro {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final String url;
    private final Map<Map.Entry<String, Schema>, Integer> ids = new ConcurrentHashMap<>();
    private final Map<Integer, Schema> schemas = new ConcurrentHashMap<>();

    public SandboxAvro(String url) {
        this.url = url;
    }

    /** Registers a schema, and returns its id. */
    public int register(String subject, Schema schema) {
        return ids.computeIfAbsent(Map.entry(subject, schema), key -> ask(HttpRequest.newBuilder()
                .header("Content-Type", "application/vnd.schemaregistry.v1+json")
                .POST(HttpRequest.BodyPublishers
                        .ofString(JSON.createObjectNode().put("schema", schema.toString()).toString())),
                "/subjects/" + subject + "/versions").get("id").intValue());
    }

    /** The newest version of a subject, as the registry returns it. */
    public JsonNode latest(String subject) {
        return ask(HttpRequest.newBuilder(), "/subjects/" + subject + "/versions/latest");
    }

    public byte[] write(String subject, GenericRecord record) {
        int id = register(subject, record.getSchema());
        var bytes = new ByteArrayOutputStream();
        bytes.writeBytes(ByteBuffer.allocate(5).put((byte) 0).putInt(id).array());
        var encoder = EncoderFactory.get().binaryEncoder(bytes, null);
        try {
            new GenericDatumWriter<GenericRecord>(record.getSchema()).write(record, encoder);
            encoder.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    public GenericRecord read(byte[] value) {
        var buffer = ByteBuffer.wrap(value);
        if (buffer.get() != 0) {
            throw new IllegalArgumentException("not in the wire format");
        }
        Schema schema = schemas.computeIfAbsent(buffer.getInt(), id -> new Schema.Parser()
                .parse(ask(HttpRequest.newBuilder(), "/schemas/ids/" + id).get("schema").asText()));
        try {
            return new GenericDatumReader<GenericRecord>(schema).read(null,
                    DecoderFactory.get().binaryDecoder(value, 5, value.length - 5, null));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Decodes an offer into the JSON that the service would have written. */
    JsonNode offer(byte[] value) throws IOException {
        var offer = (ObjectNode) JSON.readTree(read(value).toString());
        for (String time : new String[]{"activity_time", "decided_at"}) {
            offer.put(time, Instant.ofEpochMilli(offer.get(time).asLong()).toString());
        }
        offer.setAll((ObjectNode) offer.remove("attributes"));
        return offer;
    }

    private JsonNode ask(HttpRequest.Builder request, String path) {
        try {
            var response = http.send(request.uri(URI.create(url + path)).build(),
                    HttpResponse.BodyHandlers.ofByteArray());
            if (response.statusCode() != 200) {
                throw new IllegalArgumentException("the registry answers " + response.statusCode() + " to " + path);
            }
            return JSON.readTree(response.body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }
}
