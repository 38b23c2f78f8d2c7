package io.nextbestoffer.strategy;

import java.util.LinkedHashSet;
import java.util.Set;

import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.nodes.Node;

import io.nextbestoffer.strategy.document.Problems;
import io.nextbestoffer.strategy.expression.Expression;
import io.nextbestoffer.strategy.input.Attribute;

/** The attributes by which is decided. Those that are protected need a reason. */
final class Uses {

    private final Problems problems;
    private final Set<Attribute> attributes = new LinkedHashSet<>();

    Uses(Problems problems) {
        this.problems = problems;
    }

    void add(@Nullable Expression expression, Node node) {
        if (expression != null) {
            expression.attributes().forEach(attribute -> add(attribute, node));
        }
    }

    private void add(Attribute attribute, Node node) {
        attributes.add(attribute);
        if (attribute.protection() != null && attribute.protection().because() == null) {
            problems.add(node, attribute.reference() + " is protected: say why the strategy may decide by it"
                    + " (because: … where it is declared), or decide without it");
        }
    }

    Set<Attribute> attributes() {
        return attributes;
    }
}
