package io.nextbestoffer.simulation;

import java.io.IOException;
import java.util.List;

import org.jspecify.annotations.Nullable;

import com.fasterxml.jackson.core.JsonGenerator;

import io.nextbestoffer.attribute.JsonWriter;
import io.nextbestoffer.governance.VersionRef;

/**
 * A valid request for a simulation.
 *
 * @param baseline version to compare with; null for the recorded decisions or, with samples, the active version
 * @param minimumGroupSize number of different customers, 1 to 1000, that a group needs to be compared with others
 * @param groupBy references of attributes
 */
record SimulationRequest(Draft draft, @Nullable VersionRef baseline, Over over, int minimumGroupSize,
        List<String> groupBy) {

    /** The strategy to simulate. */
    sealed interface Draft {
    }

    /** @param document text of the strategy, YAML or JSON */
    record Text(String document) implements Draft {
    }

    record Saved(VersionRef version) implements Draft {
    }

    /** The cases to decide. */
    sealed interface Over {
    }

    /**
     * The decisions of the last days.
     *
     * @param strategies names of the strategies whose decisions count; empty: the name of the draft
     */
    record Recorded(int days, List<String> strategies) implements Over {
    }

    /** @param inputs JSON of each sample: {@code {"activity":{…},"customer":{…}}} */
    record Samples(List<byte[]> inputs) implements Over {
    }

    /**
     * Returns the request as it is stored: with the number of samples in their place, because they can be personal
     * data.
     */
    String json() {
        return JsonWriter.text(json -> {
            json.writeStartObject();
            json.writeFieldName("strategy");
            if (draft instanceof Saved saved) {
                write(saved.version, json);
            } else if (draft instanceof Text text) {
                json.writeStartObject();
                json.writeStringField("document", text.document);
                json.writeEndObject();
            }
            if (baseline != null) {
                json.writeFieldName("baseline");
                write(baseline, json);
            }
            if (over instanceof Recorded recorded) {
                json.writeNumberField("days", recorded.days);
                if (!recorded.strategies.isEmpty()) {
                    write("strategies", recorded.strategies, json);
                }
            } else if (over instanceof Samples samples) {
                json.writeNumberField("samples", samples.inputs.size());
            }
            json.writeNumberField("minimum_group_size", minimumGroupSize);
            write("group_by", groupBy, json);
            json.writeEndObject();
        });
    }

    private static void write(VersionRef version, JsonGenerator json) throws IOException {
        json.writeStartObject();
        json.writeStringField("name", version.strategy());
        json.writeNumberField("version", version.version());
        json.writeEndObject();
    }

    private static void write(String field, List<String> texts, JsonGenerator json) throws IOException {
        json.writeArrayFieldStart(field);
        for (String text : texts) {
            json.writeString(text);
        }
        json.writeEndArray();
    }
}
