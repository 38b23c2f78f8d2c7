package io.nextbestoffer.strategy.parse;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;

import io.nextbestoffer.strategy.document.ProblemCollector;
import io.nextbestoffer.strategy.document.Suggestion;
import io.nextbestoffer.strategy.document.YamlReader;
import io.nextbestoffer.strategy.document.YamlReader.YamlEntry;
import io.nextbestoffer.strategy.input.Attribute;
import io.nextbestoffer.strategy.input.AttributeSchema;

/** Reads the list of attributes that are emitted with the offer. */
final class OutputReader {

    private final YamlReader yaml;
    private final ProblemCollector problems;
    private final Set<String> reserved;

    /** @param reserved the fields of every offer record */
    OutputReader(YamlReader yaml, ProblemCollector problems, Set<String> reserved) {
        this.yaml = yaml;
        this.problems = problems;
        this.reserved = reserved;
    }

    List<Attribute> read(@Nullable YamlEntry entry, AttributeSchema schema) {
        List<Attribute> output = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (Node node : yaml.sequence(entry, "output")) {
            if (!(node instanceof ScalarNode scalar)) {
                problems.add(node, "output must list references of attributes, for example customer.income");
                continue;
            }
            Attribute attribute = schema.get(scalar.getValue());
            if (attribute == null) {
                problems.add(node, "unknown attribute " + scalar.getValue()
                        + Suggestion.of(scalar.getValue(), schema.references()));
            } else if (attribute.ofOffer()) {
                problems.add(node, attribute.reference() + " is an attribute of offers: only inputs can be emitted");
            } else if (reserved.contains(attribute.name())) {
                problems.add(node, attribute.name() + " is a field of every offer record: remove it here");
            } else if (!names.add(attribute.name())) {
                problems.add(node, "another output attribute is named " + attribute.name() + ": names must be unique");
            } else {
                output.add(attribute);
            }
        }
        return output;
    }
}
