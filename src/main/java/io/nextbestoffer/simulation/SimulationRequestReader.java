package io.nextbestoffer.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.attribute.Attributes;
import io.nextbestoffer.attribute.InvalidInputException;
import io.nextbestoffer.attribute.JsonReader;
import io.nextbestoffer.attribute.JsonWriter;
import io.nextbestoffer.governance.VersionRef;
import io.nextbestoffer.platform.Problems;
import io.nextbestoffer.platform.Problems.Violation;
import io.nextbestoffer.simulation.SimulationRequest.Draft;
import io.nextbestoffer.simulation.SimulationRequest.Over;
import io.nextbestoffer.simulation.SimulationRequest.Recorded;
import io.nextbestoffer.simulation.SimulationRequest.Samples;
import io.nextbestoffer.simulation.SimulationRequest.Saved;
import io.nextbestoffer.simulation.SimulationRequest.Text;
import io.nextbestoffer.strategy.Document;
import io.nextbestoffer.strategy.input.DecisionContext;

/** Reads requests for simulations. It continues after a violation, to report all of them. */
final class SimulationRequestReader {

    static final int MAX_SAMPLES = 10_000;

    private static final Set<String> FIELDS = Set.of("strategy", "baseline", "days", "strategies", "samples",
            "minimum_group_size", "group_by");
    private static final Set<String> SOURCES = Set.of(DecisionContext.ACTIVITY, DecisionContext.CUSTOMER);
    private static final Set<String> IDS = Set.of("activity.activity_id", "activity.customer_id",
            "customer.customer_id");
    private static final String NAME = "[a-z][a-z0-9-]{0,63}";
    private static final String NAME_RULE = "must be the name of a strategy: a-z, 0-9 and -, at most 64 characters";
    private static final int MAX_DAYS = 365;
    private static final int MAX_STRATEGIES = 20;
    private static final int MAX_GROUP_BY = 5;
    private static final int DEFAULT_GROUP_SIZE = 30;

    /** Limits memory: up to this many ids are held for each of up to 100 groups of each protected attribute. */
    private static final int MAX_GROUP_SIZE = 1_000;

    /** More would not help a caller whose 10,000 samples are all wrong. */
    private static final int MAX_VIOLATIONS = 100;

    private final List<Violation> violations = new ArrayList<>();

    private SimulationRequestReader() {
    }

    /** @throws io.quarkiverse.resteasy.problem.HttpProblem with all violations */
    static SimulationRequest read(byte @Nullable [] body) {
        Object document;
        try {
            document = JsonReader.value(body == null ? new byte[0] : body);
        } catch (InvalidInputException e) {
            throw Problems.invalid(List.of(new Violation("", e.getMessage())));
        }
        if (!(document instanceof Map<?, ?> fields)) {
            throw Problems.invalid(List.of(new Violation("", "must be an object")));
        }
        var reader = new SimulationRequestReader();
        SimulationRequest request = reader.request(fields);
        if (request == null || !reader.violations.isEmpty()) {
            throw Problems.invalid(reader.violations);
        }
        return request;
    }

    private @Nullable SimulationRequest request(Map<?, ?> fields) {
        rejectUnknown("", fields, FIELDS);
        Draft draft = draft(fields.get("strategy"));
        VersionRef baseline = fields.get("baseline") == null
                ? null
                : version("baseline", fields.get("baseline"));
        Over over = over(fields);
        int minimum = number("minimum_group_size", fields.get("minimum_group_size"), DEFAULT_GROUP_SIZE,
                MAX_GROUP_SIZE);
        List<String> groupBy = groupBy(fields.get("group_by"));
        return draft == null || over == null ? null : new SimulationRequest(draft, baseline, over, minimum, groupBy);
    }

    private void violation(String field, String message) {
        violations.add(new Violation(field, message));
    }

    private void rejectUnknown(String path, Map<?, ?> fields, Set<String> known) {
        fields.keySet().stream().filter(field -> !known.contains(field)).forEach(field -> violation(
                path + field, "is unknown; known fields are " + String.join(", ", known.stream().sorted().toList())));
    }

    private @Nullable Draft draft(@Nullable Object value) {
        if (!(value instanceof Map<?, ?> fields) || !fields.containsKey("document")) {
            VersionRef version = version("strategy", value);
            return version == null ? null : new Saved(version);
        }
        rejectUnknown("strategy.", fields, Set.of("document"));
        if (fields.get("document") instanceof String document && document.length() <= Document.MAX_LENGTH) {
            return new Text(document);
        }
        violation("strategy.document", "must be the text of a strategy, YAML or JSON, of at most "
                + Document.MAX_LENGTH + " characters");
        return null;
    }

    private @Nullable VersionRef version(String field, @Nullable Object value) {
        if (!(value instanceof Map<?, ?> fields)) {
            violation(field, "must be an object like {\"name\": \"banking\", \"version\": 3}"
                    + (field.equals("strategy") ? " or {\"document\": \"…\"}" : ""));
            return null;
        }
        rejectUnknown(field + ".", fields, Set.of("name", "version"));
        String name = fields.get("name") instanceof String text && text.matches(NAME) ? text : null;
        if (name == null) {
            violation(field + ".name", NAME_RULE);
        }
        int version = number(field + ".version", fields.get("version"), 0, Integer.MAX_VALUE);
        return name == null ? null : new VersionRef(name, version);
    }

    /** @param missing value if the field is absent; 0 if it is required */
    private int number(String field, @Nullable Object value, int missing, int max) {
        if (value == null && missing > 0) {
            return missing;
        }
        if (value instanceof Long number && number >= 1 && number <= max) {
            return number.intValue();
        }
        violation(field, "must be a whole number from 1 to " + max);
        return 1;
    }

    private @Nullable Over over(Map<?, ?> fields) {
        Object days = fields.get("days");
        Object samples = fields.get("samples");
        List<String> strategies = texts("strategies", fields.get("strategies"), MAX_STRATEGIES, NAME, NAME_RULE);
        if ((days == null) == (samples == null)) {
            violation("days", "exactly one of days and samples must be present");
            return null;
        }
        if (days != null) {
            return new Recorded(number("days", days, 0, MAX_DAYS), strategies);
        }
        if (fields.get("strategies") != null) {
            violation("strategies", "only applies to recorded decisions: samples have no strategy");
        }
        return samples(samples);
    }

    private List<String> texts(String field, @Nullable Object value, int max, String pattern, String rule) {
        if (value == null) {
            return List.of();
        }
        if (!(value instanceof List<?> list) || list.isEmpty() || list.size() > max) {
            violation(field, "must be a list of 1 to " + max + " elements");
            return List.of();
        }
        var texts = new ArrayList<String>();
        for (int i = 0; i < list.size(); i++) {
            if (!(list.get(i) instanceof String text) || !text.matches(pattern)) {
                violation(field + "[" + i + "]", rule);
            } else if (texts.contains(text)) {
                violation(field + "[" + i + "]", "is a duplicate");
            } else {
                texts.add(text);
            }
        }
        return texts;
    }

    private List<String> groupBy(@Nullable Object value) {
        if (value instanceof List<?> list && list.isEmpty()) {
            // SimulationRequest.json() writes an empty list
            return List.of();
        }
        List<String> references = texts("group_by", value, MAX_GROUP_BY,
                "(activity|customer)\\.[a-z_][a-z0-9_]{0,127}",
                "must be the reference of an attribute, for example customer.gender or activity.channel");
        references.stream().filter(IDS::contains).forEach(reference -> violation(
                "group_by[" + references.indexOf(reference) + "]", "is an id, which does not form groups"));
        return references;
    }

    private Samples samples(Object value) {
        var inputs = new ArrayList<byte[]>();
        if (!(value instanceof List<?> list) || list.isEmpty() || list.size() > MAX_SAMPLES) {
            violation("samples", "must be a list of 1 to " + MAX_SAMPLES + " samples");
            return new Samples(inputs);
        }
        for (int i = 0; i < list.size() && violations.size() < MAX_VIOLATIONS; i++) {
            sample("samples[" + i + "]", list.get(i), inputs);
        }
        return new Samples(inputs);
    }

    /** Attribute names become lower case, as in records from Kafka. */
    private void sample(String path, @Nullable Object value, List<byte[]> inputs) {
        if (!(value instanceof Map<?, ?> parts)) {
            violation(path, "must be an object like {\"activity\": {…}, \"customer\": {…}}");
            return;
        }
        rejectUnknown(path + ".", parts, SOURCES);
        var sample = new TreeMap<String, Object>();
        for (String source : SOURCES) {
            Object part = parts.get(source);
            if (part instanceof Map<?, ?> attributes) {
                try {
                    sample.put(source, JsonReader.attributes(attributes).asMap());
                } catch (InvalidInputException e) {
                    violation(path + "." + source, e.getMessage());
                }
            } else if (part != null) {
                violation(path + "." + source, "must be an object: attributes and their values");
            }
        }
        inputs.add(JsonWriter.utf8(json -> Attributes.writeValue(json, sample)));
    }
}
