package io.nextbestoffer.strategy.parse;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;

import io.nextbestoffer.attribute.Id;
import io.nextbestoffer.strategy.FirstMatchStrategy.CompiledRule;
import io.nextbestoffer.strategy.Rule;
import io.nextbestoffer.strategy.Strategy;
import io.nextbestoffer.strategy.document.ProblemCollector;
import io.nextbestoffer.strategy.document.YamlReader;
import io.nextbestoffer.strategy.document.YamlReader.YamlEntry;
import io.nextbestoffer.strategy.expression.Expression;
import io.nextbestoffer.strategy.expression.ExpressionCompiler;

/** Reads the ordered rules of a strategy. */
final class RulesReader {

    private static final List<String> KEYS = List.of("rule", "when", "offer");
    private static final int MAX_NAME = 100;

    private final YamlReader yaml;
    private final ProblemCollector problems;
    private final ExpressionCompiler compiler;
    private final AttributeUsage usage;

    RulesReader(YamlReader yaml, ProblemCollector problems, ExpressionCompiler compiler, AttributeUsage usage) {
        this.yaml = yaml;
        this.problems = problems;
        this.compiler = compiler;
        this.usage = usage;
    }

    List<CompiledRule> read(@Nullable YamlEntry entry) {
        List<CompiledRule> rules = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (Node node : yaml.sequence(entry, "rules")) {
            Map<String, YamlEntry> fields = yaml.mapping(node, "a rule", KEYS, KEYS);
            String name = name(fields.get("rule"), names);
            ScalarNode when = yaml.scalar(fields.get("when"), "when");
            Expression condition = when == null ? null : compiler.condition(when, "when");
            Id offer = yaml.id(fields.get("offer"), "offer");
            if (when != null) {
                usage.add(condition, when);
            }
            if (name != null && when != null && condition != null && offer != null) {
                rules.add(new CompiledRule(new Rule(name, when.getValue().strip(), offer,
                        node.getStartMark().getLine() + 1, node.getStartMark().getColumn() + 1), condition));
            }
        }
        return rules;
    }

    private @Nullable String name(@Nullable YamlEntry entry, Set<String> names) {
        String name = yaml.text(entry, "rule");
        if (entry == null || name == null) {
            return null;
        }
        if (name.isBlank() || name.length() > MAX_NAME) {
            problems.add(entry.value(), "the name of a rule must have 1 to " + MAX_NAME + " characters");
        } else if (name.equals(Strategy.OTHERWISE)) {
            problems.add(entry.value(),
                    "a rule can't be named otherwise: that name stands for decisions without a rule");
        } else if (name.equals(Strategy.RANKED)) {
            problems.add(entry.value(), "a rule can't be named ranked: that name stands for decisions by scores");
        } else if (!names.add(name)) {
            problems.add(entry.value(), "another rule is named " + name + ": names must be unique");
        }
        return name;
    }
}
