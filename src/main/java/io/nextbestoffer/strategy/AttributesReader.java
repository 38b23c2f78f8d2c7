package io.nextbestoffer.strategy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.ScalarNode;

import io.nextbestoffer.strategy.YamlReader.Entry;

/** Reads the part of a document that declares attributes. */
final class AttributesReader {

    private static final List<String> KEYS = List.of("type", "default");

    private final YamlReader yaml;
    private final Problems problems;

    AttributesReader(YamlReader yaml, Problems problems) {
        this.yaml = yaml;
        this.problems = problems;
    }

    Declared read(@Nullable Entry entry) {
        List<Attribute> attributes = new ArrayList<>();
        if (entry != null) {
            yaml.mapping(entry.value(), "attributes", Attribute.SOURCES, List.of()).forEach((source,
                    declarations) -> yaml.mapping(declarations.value(), source).forEach((name, declaration) -> {
                        if (isName(declaration.key(), name)) {
                            attributes.add(attribute(source, name, attributes.size(), declaration));
                        }
                    }));
        }
        return new Declared(attributes);
    }

    private boolean isName(ScalarNode key, String name) {
        if (name.matches("true|false|null|in")) {
            problems.add(key, "an attribute can't be named " + name + ": expressions have another use for it");
            return false;
        }
        if (!name.matches("[a-z_][a-z0-9_]{0,127}")) {
            problems.add(key, "an attribute's name must have 1 to 128 characters a-z, 0-9 and _: " + name
                    + " arrives in lower case and must be usable in expressions");
            return false;
        }
        return true;
    }

    /** With a wrong type or default too: the rules should not complain about an undeclared attribute then. */
    private Attribute attribute(String source, String name, int index, Entry declaration) {
        String reference = source + "." + name;
        Entry typeEntry = declaration;
        Entry defaultEntry = null;
        if (declaration.value() instanceof MappingNode) {
            Map<String, Entry> fields = yaml.mapping(declaration.value(), reference, KEYS, List.of("type"));
            typeEntry = fields.get("type");
            defaultEntry = fields.get("default");
        }
        Type type = type(typeEntry, reference);
        Object defaultValue = type == null ? null : defaultValue(defaultEntry, reference, type);
        return new Attribute(source, name, index, type == null ? Type.UNKNOWN : type, defaultValue);
    }

    private @Nullable Type type(@Nullable Entry entry, String reference) {
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

    private @Nullable Object defaultValue(@Nullable Entry entry, String reference, Type type) {
        ScalarNode scalar = yaml.scalar(entry, "the default of " + reference);
        Object value = scalar == null ? null : YamlReader.value(scalar, type);
        if (scalar != null && value == null) {
            problems.add(scalar, "the default of " + reference + " must be " + type.phrase + ", as it is declared");
        }
        return value;
    }
}
