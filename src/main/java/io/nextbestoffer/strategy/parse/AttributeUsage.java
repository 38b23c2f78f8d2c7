package io.nextbestoffer.strategy.parse;

import java.util.LinkedHashSet;
import java.util.Set;

import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.nodes.Node;

import io.nextbestoffer.strategy.document.ProblemCollector;
import io.nextbestoffer.strategy.expression.Expression;
import io.nextbestoffer.strategy.input.Attribute;
import io.nextbestoffer.strategy.input.AttributeSchema;

/** The attributes by which is decided. Those that are protected need a reason. */
final class AttributeUsage {

    private final ProblemCollector problems;
    private final Set<Attribute> attributes = new LinkedHashSet<>();

    AttributeUsage(ProblemCollector problems) {
        this.problems = problems;
    }

    void add(@Nullable Expression expression, Node node) {
        if (expression != null) {
            expression.attributes().forEach(attribute -> add(attribute, node));
        }
    }

    void add(Attribute attribute, Node node) {
        attributes.add(attribute);
        if (attribute.protection() != null && attribute.protection().because() == null) {
            problems.add(node, attribute.reference() + " is protected: say why the strategy may decide by it"
                    + " (because: … where it is declared), or decide without it");
        }
    }

    /** Whoever is out of the limits of an attribute gets nothing: that is deciding by it, too. */
    void addLimits(AttributeSchema schema, Node node) {
        schema.all().stream().filter(attribute -> attribute.protection() != null && attribute.isLimited())
                .forEach(attribute -> add(attribute, node));
    }

    Set<Attribute> attributes() {
        return attributes;
    }
}
