package io.nextbestoffer.strategy.document;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

import io.nextbestoffer.attribute.Id;

/** Reads values from YAML nodes. An invalid value is reported as a problem, and the result is null or empty. */
public final class YamlReader {

    /** Decimal numbers only: YAML 1.1 also has octal, sexagesimal and underscored numbers, which cause surprises. */
    private static final String WHOLE = "0|-?[1-9][0-9]{0,18}";
    private static final String FRACTION = "-?[0-9]+(\\.[0-9]+)?([eE][-+]?[0-9]+)?";

    private final ProblemCollector problems;

    public YamlReader(ProblemCollector problems) {
        this.problems = problems;
    }

    /** A key and its value. */
    public record YamlEntry(ScalarNode key, Node value) {
    }

    /** Reads a mapping with any keys, in order. */
    public Map<String, YamlEntry> mapping(Node node, String what) {
        Map<String, YamlEntry> entries = new LinkedHashMap<>();
        if (!(node instanceof MappingNode mapping)) {
            problems.add(node, what + " must be a mapping (key: value)");
            return entries;
        }
        for (NodeTuple tuple : mapping.getValue()) {
            if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
                problems.add(tuple.getKeyNode(), "a key must be text");
            } else if (entries.putIfAbsent(key.getValue(), new YamlEntry(key, tuple.getValueNode())) != null) {
                Node first = entries.get(key.getValue()).key();
                problems.add(key, key.getValue() + " occurs twice: remove one of them; the first is in line "
                        + (first.getStartMark().getLine() + 1));
            }
        }
        return entries;
    }

    /** Reads a mapping with known keys. */
    public Map<String, YamlEntry> mapping(Node node, String what, List<String> known, List<String> mandatory) {
        return mapping(node, what, known, mandatory, Map.of());
    }

    /** @param former keys of former versions, each with an instruction on what to do instead */
    public Map<String, YamlEntry> mapping(Node node, String what, List<String> known, List<String> mandatory,
            Map<String, String> former) {
        Map<String, YamlEntry> entries = mapping(node, what);
        entries.values().removeIf(entry -> {
            String key = entry.key().getValue();
            if (!known.contains(key)) {
                problems.add(entry.key(), "unknown key " + key
                        + (former.containsKey(key) ? ": " + former.get(key) : Suggestion.of(key, known)));
            }
            return !known.contains(key);
        });
        if (node instanceof MappingNode) {
            for (String key : mandatory) {
                if (!entries.containsKey(key)) {
                    problems.add(node, what + " has no " + key + ", which is mandatory");
                }
            }
        }
        return entries;
    }

    public List<Node> sequence(@Nullable YamlEntry entry, String what) {
        if (entry == null) {
            return List.of();
        }
        if (!(entry.value() instanceof SequenceNode sequence)) {
            problems.add(entry.value(), what + " must be a list (- item)");
            return List.of();
        }
        return new ArrayList<>(sequence.getValue());
    }

    @Nullable
    public ScalarNode scalar(@Nullable YamlEntry entry, String what) {
        if (entry == null) {
            return null;
        }
        if (!(entry.value() instanceof ScalarNode scalar) || scalar.getTag().equals(Tag.NULL)) {
            problems.add(entry.value(), what + " must be a single value");
            return null;
        }
        if (!scalar.getTag().startsWith(Tag.PREFIX)) {
            problems.add(scalar, what + " begins with !, which marks a tag in YAML: put it in quotes");
            return null;
        }
        return scalar;
    }

    /** Reads a text; a value of another YAML type is a problem. */
    @Nullable
    public String text(@Nullable YamlEntry entry, String what) {
        ScalarNode scalar = scalar(entry, what);
        if (scalar != null && !scalar.getTag().equals(Tag.STR)) {
            problems.add(scalar, what + " must be a string: put it in quotes");
            return null;
        }
        return scalar == null ? null : scalar.getValue();
    }

    /** The value of a whole number; null, without a problem, if it is anything else. */
    public static @Nullable Long whole(ScalarNode scalar) {
        try {
            return scalar.getTag().equals(Tag.INT) && scalar.getValue().matches(WHOLE)
                    ? Long.valueOf(scalar.getValue())
                    : null;
        } catch (NumberFormatException e) {
            return null;
        }
    }

    @Nullable
    public Id id(@Nullable YamlEntry entry, String what) {
        ScalarNode scalar = scalar(entry, what);
        if (scalar == null) {
            return null;
        }
        Long number = whole(scalar);
        if (number != null) {
            return Id.of(number);
        }
        int length = scalar.getValue().length();
        if (!scalar.getTag().equals(Tag.STR)) {
            problems.add(scalar, what + " must be a string or a whole number: put a string in quotes");
        } else if (length == 0 || length > Id.MAX_LENGTH) {
            problems.add(scalar, what + " must have 1 to " + Id.MAX_LENGTH + " characters, not " + length);
        } else {
            return Id.of(scalar.getValue());
        }
        return null;
    }

    public static @Nullable Boolean bool(ScalarNode scalar) {
        return scalar.getTag().equals(Tag.BOOL) && scalar.getValue().matches("true|false")
                ? Boolean.valueOf(scalar.getValue())
                : null;
    }

    /** The value of a finite number, whole or not; null, without a problem, if it is anything else. */
    public static @Nullable Double number(ScalarNode scalar) {
        String text = scalar.getValue();
        return scalar.isPlain() && text.matches(FRACTION) && Double.isFinite(Double.parseDouble(text))
                ? Double.valueOf(text)
                : null;
    }

    public static @Nullable String string(ScalarNode scalar) {
        return scalar.getTag().equals(Tag.STR) ? scalar.getValue() : null;
    }
}
