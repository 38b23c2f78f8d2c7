package io.nextbestoffer.strategy.parse;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

import io.nextbestoffer.strategy.document.ProblemCollector;
import io.nextbestoffer.strategy.document.Suggestion;
import io.nextbestoffer.strategy.document.YamlReader;
import io.nextbestoffer.strategy.document.YamlReader.YamlEntry;
import io.nextbestoffer.strategy.input.Attribute;
import io.nextbestoffer.strategy.input.AttributeLimits;
import io.nextbestoffer.strategy.input.AttributeSchema;
import io.nextbestoffer.strategy.input.Protection;
import io.nextbestoffer.strategy.input.Type;

/** Reads the declarations of attributes. */
public final class AttributesReader {

    private static final List<String> KEYS = List.of("type", "default", "min", "max", "one_of", "max_length",
            "protected", "because", "bands");

    private final YamlReader yaml;
    private final ProblemCollector problems;
    private final Map<String, Integer> count = new HashMap<>();

    public AttributesReader(YamlReader yaml, ProblemCollector problems) {
        this.yaml = yaml;
        this.problems = problems;
    }

    /** @param sources the sources whose attributes the document can declare */
    public AttributeSchema read(@Nullable YamlEntry entry, List<String> sources) {
        List<Attribute> attributes = new ArrayList<>();
        if (entry != null) {
            yaml.mapping(entry.value(), "attributes", sources, List.of()).forEach((source,
                    declarations) -> yaml.mapping(declarations.value(), source).forEach((name, declaration) -> {
                        if (isName(declaration.key(), name)) {
                            attributes.add(attribute(source, name, declaration));
                        }
                    }));
        }
        return new AttributeSchema(attributes);
    }

    private boolean isName(ScalarNode key, String name) {
        if (name.matches("true|false|null|in")) {
            problems.add(key, "an attribute can't be named " + name + ": that has another meaning in expressions");
            return false;
        }
        if (!name.matches("[a-z_][a-z0-9_]{0,127}")) {
            problems.add(key, "the name of an attribute must have 1 to 128 characters a-z, 0-9 and _: names of columns"
                    + " and fields are converted to lower case");
            return false;
        }
        return true;
    }

    /** Declares the attribute even after a problem, so that expressions don't report it as undeclared. */
    private Attribute attribute(String source, String name, YamlEntry declaration) {
        String reference = source + "." + name;
        Map<String, YamlEntry> fields = declaration.value() instanceof MappingNode
                ? yaml.mapping(declaration.value(), reference, KEYS, List.of("type"))
                : Map.of("type", declaration);
        Type known = type(fields.get("type"), reference);
        Type type = known == null ? Type.UNKNOWN : known;
        AttributeLimits limits = limits(fields, reference, type);
        Object defaultValue = defaultValue(fields.get("default"), reference, type, limits);
        Protection protection = protection(fields, reference, type);
        boolean ofOffer = source.equals(Attribute.OFFER);
        int index = count.merge(ofOffer ? source : "", 1, Integer::sum) - 1;
        return new Attribute(source, name, index, type, defaultValue, limits, protection);
    }

    private @Nullable Type type(@Nullable YamlEntry entry, String reference) {
        ScalarNode scalar = yaml.scalar(entry, "the type of " + reference);
        if (scalar == null) {
            return null;
        }
        Type type = Type.of(scalar.getValue());
        if (type == null) {
            problems.add(scalar, "unknown type " + scalar.getValue() + Suggestion.of(scalar.getValue(), Type.KEYS));
        } else if (type != Type.STRING && Attribute.IDS.contains(reference)) {
            problems.add(scalar, reference + " is an id: its type is string");
        }
        return type;
    }

    private @Nullable Object defaultValue(@Nullable YamlEntry entry, String reference, Type type,
            AttributeLimits limits) {
        if (entry == null || type == Type.UNKNOWN) {
            return null;
        }
        Object value = type == Type.STRINGS
                ? texts(entry.value())
                : value(yaml.scalar(entry, "the default of " + reference), type);
        String violated = value == null ? null : limits.violatedBy(value);
        if (value == null && (type == Type.STRINGS || entry.value() instanceof ScalarNode)) {
            problems.add(entry.value(),
                    "the default of " + reference + " must be " + type.phrase + ", like the attribute");
        } else if (violated != null) {
            problems.add(entry.value(), "the default of " + reference + " must be " + violated);
        }
        return value;
    }

    private static @Nullable Object value(@Nullable ScalarNode scalar, Type type) {
        if (scalar == null) {
            return null;
        }
        return switch (type) {
            case INT -> YamlReader.whole(scalar);
            case DOUBLE -> YamlReader.number(scalar);
            case STRING -> YamlReader.string(scalar);
            case BOOLEAN -> YamlReader.bool(scalar);
            case STRINGS, UNKNOWN -> null;
        };
    }

    private static @Nullable List<String> texts(Node node) {
        if (!(node instanceof SequenceNode sequence)) {
            return null;
        }
        var texts = new ArrayList<String>();
        for (Node element : sequence.getValue()) {
            String text = element instanceof ScalarNode scalar ? YamlReader.string(scalar) : null;
            if (text == null) {
                return null;
            }
            texts.add(text);
        }
        return List.copyOf(texts);
    }

    private AttributeLimits limits(Map<String, YamlEntry> fields, String reference, Type type) {
        Double min = limit(fields.get("min"), "min", reference, type);
        Double max = limit(fields.get("max"), "max", reference, type);
        if (min != null && max != null && min > max) {
            problems.add(fields.get("max").value(), "max of " + reference + " must not be less than min");
        }
        Set<Object> oneOf = oneOf(fields.get("one_of"), reference, type);
        Integer maxLength = maxLength(fields.get("max_length"), reference, type);
        if (oneOf != null) {
            var others = new AttributeLimits(min, max, null, maxLength);
            oneOf.stream().map(others::violatedBy).filter(Objects::nonNull).findFirst()
                    .ifPresent(violated -> problems.add(fields.get("one_of").value(),
                            "each value in one_of of " + reference + " must be " + violated));
        }
        return min == null && max == null && oneOf == null && maxLength == null
                ? AttributeLimits.NONE
                : new AttributeLimits(min, max, oneOf, maxLength);
    }

    private @Nullable Double limit(@Nullable YamlEntry entry, String what, String reference, Type type) {
        ScalarNode scalar = yaml.scalar(entry, what + " of " + reference);
        if (scalar == null || type == Type.UNKNOWN) {
            return null;
        }
        Double limit = YamlReader.number(scalar);
        if (!type.isNumber()) {
            problems.add(scalar, reference + " is " + type.phrase + ": only numbers can have a " + what);
        } else if (limit == null) {
            problems.add(scalar, what + " of " + reference + " must be a number");
        }
        return limit;
    }

    private @Nullable Set<Object> oneOf(@Nullable YamlEntry entry, String reference, Type type) {
        if (entry == null || type == Type.UNKNOWN) {
            return null;
        }
        if (type != Type.INT && type != Type.STRING && type != Type.STRINGS) {
            problems.add(entry.value(), reference + " is " + type.phrase
                    + ": only strings, lists of strings and ints can have a one_of");
            return null;
        }
        Type ofValues = type == Type.INT ? Type.INT : Type.STRING;
        Set<Object> values = new LinkedHashSet<>();
        List<Node> nodes = yaml.sequence(entry, "one_of of " + reference);
        for (Node node : nodes) {
            Object value = node instanceof ScalarNode scalar ? value(scalar, ofValues) : null;
            if (value == null) {
                problems.add(node, "a value in one_of of " + reference + " must be " + ofValues.phrase);
            } else if (!values.add(value)) {
                problems.add(node, "one_of of " + reference + " lists " + value + " twice");
            }
        }
        if (nodes.isEmpty() && entry.value() instanceof SequenceNode) {
            problems.add(entry.value(), "one_of of " + reference + " must list at least one value");
        }
        return Collections.unmodifiableSet(values);
    }

    private @Nullable Integer maxLength(@Nullable YamlEntry entry, String reference, Type type) {
        ScalarNode scalar = yaml.scalar(entry, "max_length of " + reference);
        if (scalar == null || type == Type.UNKNOWN) {
            return null;
        }
        Long length = YamlReader.whole(scalar);
        if (type != Type.STRING && type != Type.STRINGS) {
            problems.add(scalar, reference + " is " + type.phrase
                    + ": only strings and lists of strings can have a max_length");
        } else if (length == null || length < 1 || length > Integer.MAX_VALUE) {
            problems.add(scalar, "max_length of " + reference + " must be a whole number from 1 to "
                    + Integer.MAX_VALUE);
        } else {
            return length.intValue();
        }
        return null;
    }

    private @Nullable Protection protection(Map<String, YamlEntry> fields, String reference, Type type) {
        YamlEntry entry = fields.get("protected");
        ScalarNode scalar = yaml.scalar(entry, "protected of " + reference);
        Boolean isProtected = scalar == null ? null : YamlReader.bool(scalar);
        if (scalar != null && isProtected == null) {
            problems.add(scalar, "protected of " + reference + " must be true or false");
        }
        String because = yaml.text(fields.get("because"), "because of " + reference);
        List<Double> bands = bands(fields.get("bands"), reference, type);
        if (Boolean.TRUE.equals(isProtected)) {
            if (because != null && because.isBlank()) {
                problems.add(fields.get("because").value(),
                        "because must give the reason why the strategy may decide by " + reference);
            }
            return new Protection(because, bands);
        }
        for (String key : List.of("because", "bands")) {
            if (fields.containsKey(key)) {
                problems.add(fields.get(key).key(), key + " is only for protected attributes: add protected: true to "
                        + reference);
            }
        }
        return null;
    }

    private List<Double> bands(@Nullable YamlEntry entry, String reference, Type type) {
        List<Double> bands = new ArrayList<>();
        for (Node node : yaml.sequence(entry, "bands of " + reference)) {
            Double least = node instanceof ScalarNode scalar ? YamlReader.number(scalar) : null;
            if (least == null || !type.isNumber() || !bands.isEmpty() && least <= bands.get(bands.size() - 1)) {
                problems.add(node, "bands of " + reference
                        + " must be ascending numbers, the lower bounds of groups; only numbers can have bands");
            } else {
                bands.add(least);
            }
        }
        return List.copyOf(bands);
    }
}
