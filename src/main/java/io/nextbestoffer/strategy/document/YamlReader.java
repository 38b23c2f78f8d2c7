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

/** Takes values out of YAML nodes; what is wrong becomes a problem and the answer null or empty. */
public final class YamlReader {

    /** Decimal and nothing else: YAML 1.1 also has octal, sexagesimal and underscored numbers, which nobody means. */
    private static final String WHOLE = "0|-?[1-9][0-9]{0,18}";
    private static final String FRACTION = "-?[0-9]+(\\.[0-9]+)?([eE][-+]?[0-9]+)?";

    private final ProblemCollector problems;

    public YamlReader(ProblemCollector problems) {
        this.problems = problems;
    }

    /** A key and its value. */
    public record YamlEntry(ScalarNode key, Node value) {
    }

    /** A mapping with any keys, in order. */
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
                problems.add(key, key.getValue() + " is there twice: remove one, the first is in line "
                        + (first.getStartMark().getLine() + 1));
            }
        }
        return entries;
    }

    /** A mapping with known keys. */
    public Map<String, YamlEntry> mapping(Node node, String what, List<String> known, List<String> mandatory) {
        return mapping(node, what, known, mandatory, Map.of());
    }

    /** @param former keys that were known once, with what to do instead */
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
                    problems.add(node, what + " has no " + key + ": it is mandatory");
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
            problems.add(entry.value(), what + " must be a value");
            return null;
        }
        if (!scalar.getTag().startsWith(Tag.PREFIX)) {
            problems.add(scalar, what + " begins with !, which is a tag in YAML: put it in quotes");
            return null;
        }
        return scalar;
    }

    /** Text that is not another YAML type. */
    @Nullable
    public String text(@Nullable YamlEntry entry, String what) {
        ScalarNode scalar = scalar(entry, what);
        if (scalar != null && !scalar.getTag().equals(Tag.STR)) {
            problems.add(scalar, what + " must be text: put it in quotes");
            return null;
        }
        return scalar == null ? null : scalar.getValue();
    }

    /** A whole number, or null without a problem if it is something else. */
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
            problems.add(scalar, what + " must be a string or a whole number: put text in quotes");
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

    /** A finite number, whole or not, or null without a problem if it is something else. */
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
