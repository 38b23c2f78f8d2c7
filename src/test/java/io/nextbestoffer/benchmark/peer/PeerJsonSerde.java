package io.nextbestoffer.benchmark.peer;

import java.io.IOException;

import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;

/** Serializes records as JSON, and ignores unknown fields, because producers may add fields. */
public final class PeerJsonSerde {
    private static final JsonMapper MAPPER = JsonMapper.builder().addModule(new JavaTimeModule())
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

    private PeerJsonSerde() {
    }

    public static <T> Serde<T> of(Class<T> type) {
        // Created once, because reader and writer keep the resolved type, which the mapper would look up each time.
        ObjectReader reader = MAPPER.readerFor(type);
        ObjectWriter writer = MAPPER.writerFor(type);
        return Serdes.serdeFrom((topic, value) -> write(writer, value), (topic, json) -> read(reader, json));
    }

    private static byte[] write(ObjectWriter writer, Object value) {
        try {
            return value == null ? null : writer.writeValueAsBytes(value);
        } catch (JsonProcessingException e) {
            throw new SerializationException(e);
        }
    }

    private static <T> T read(ObjectReader reader, byte[] json) {
        try {
            return json == null ? null : reader.readValue(json);
        } catch (IOException e) {
            throw new SerializationException(e);
        }
    }
}
