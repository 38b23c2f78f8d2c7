package io.nextbestoffer.strategy.parse;

import java.util.LinkedHashSet;
import java.util.Set;

import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.nodes.Node;

import io.nextbestoffer.strategy.document.ProblemCollector;
import io.nextbestoffer.strategy.expression.Expression;
import io.nextbestoffer.strategy.input.Attribute;
import io.nextbestoffer.strategy.input.AttributeSchema;

/** Collects the attributes that a document decides by, and reports protected ones without a reason. */
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
            problems.add(node, attribute.reference() + " is protected: declare why the strategy may decide by it"
                    + " (because: …), or decide without it");
        }
    }

    /** A customer outside the limits of an attribute gets no offer, so limits decide as well. */
    void addLimits(AttributeSchema schema, Node node) {
        schema.all().stream().filter(attribute -> attribute.protection() != null && attribute.isLimited())
                .forEach(attribute -> add(attribute, node));
    }

    Set<Attribute> attributes() {
        return attributes;
    }
}
