package io.nextbestoffer.maintenance;

import jakarta.enterprise.context.ApplicationScoped;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;

/** Converts parameters and checkpoints of maintenance jobs to JSON and back, with Jackson. */
@ApplicationScoped
class ParameterJson {

    private final ObjectMapper json;

    ParameterJson(ObjectMapper json) {
        this.json = json;
    }

    String text(Object parameters) {
        try {
            return json.writeValueAsString(parameters);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the parameters can't be written as JSON", e);
        }
    }

    <T> T read(String text, Class<T> type) {
        try {
            return json.readValue(text, type);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("not written by this service: " + type.getSimpleName(), e);
        }
    }
}
