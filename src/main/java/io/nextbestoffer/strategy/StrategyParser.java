package io.nextbestoffer.strategy;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;

import io.nextbestoffer.attribute.Id;
import io.nextbestoffer.strategy.FirstMatchStrategy.CompiledRule;
import io.nextbestoffer.strategy.YamlReader.Entry;

/** Reads a strategy document top-down and goes on after a problem, to find them all. */
final class StrategyParser {

    private static final List<String> KEYS = List.of("strategy", "version", "description", "attributes", "rules",
            "otherwise", "output");
    private static final List<String> MANDATORY = List.of("strategy", "version", "rules", "otherwise");
    private static final List<String> RULE_KEYS = List.of("rule", "when", "offer");

    /** They go out with every offer anyway. */
    private static final Set<String> TAKEN = Set.of("activity_id", "customer_id", "offer_id", "offer_name",
            "offer_url", "decision_id", "strategy", "strategy_version", "rule", "activity_time", "decided_at");

    private static final int MAX_RULE_NAME = 100;

    private final Problems problems = new Problems();
    private final YamlReader yaml = new YamlReader(problems);
    private final Positions positions;

    private StrategyParser(String document) {
        this.positions = new Positions(document);
    }

    static Strategy parse(String document) {
        return new StrategyParser(document).strategy(document);
    }

    private Strategy strategy(String document) {
        Node root = YamlDocument.compose(document, problems);
        if (root == null) {
            throw problems.exception();
        }
        Map<String, Entry> fields = yaml.mapping(root, "the document", KEYS, MANDATORY);
        String name = name(fields.get("strategy"));
        int version = version(fields.get("version"));
        String description = yaml.text(fields.get("description"), "description");
        Declared declared = new AttributesReader(yaml, problems).read(fields.get("attributes"));
        List<CompiledRule> rules = rules(fields.get("rules"),
                new ExpressionCompiler(declared, problems, positions));
        Id otherwise = yaml.id(fields.get("otherwise"), "otherwise");
        List<Attribute> output = output(fields.get("output"), declared);
        problems.throwIfAny();
        return new FirstMatchStrategy(Objects.requireNonNull(name), version, description == null ? "" : description,
                declared, rules, Objects.requireNonNull(otherwise), output);
    }

    private @Nullable String name(@Nullable Entry entry) {
        String name = yaml.text(entry, "strategy");
        if (entry != null && name != null && !name.matches("[a-z][a-z0-9-]{0,63}")) {
            problems.add(entry.value(), "strategy must be a name of 1 to 64 characters a-z, 0-9 and -, "
                    + "beginning with a letter, for example private-banking");
        }
        return name;
    }

    private int version(@Nullable Entry entry) {
        ScalarNode scalar = yaml.scalar(entry, "version");
        Long version = scalar == null ? null : YamlReader.whole(scalar);
        if (scalar != null && (version == null || version < 1 || version > Integer.MAX_VALUE)) {
            problems.add(scalar, "version must be a whole number from 1");
            return 0;
        }
        return version == null ? 0 : version.intValue();
    }

    private List<CompiledRule> rules(@Nullable Entry entry, ExpressionCompiler compiler) {
        List<CompiledRule> rules = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (Node node : yaml.sequence(entry, "rules")) {
            Map<String, Entry> fields = yaml.mapping(node, "a rule", RULE_KEYS, RULE_KEYS);
            String name = ruleName(fields.get("rule"), names);
            ScalarNode when = yaml.scalar(fields.get("when"), "when");
            Expression condition = when == null ? null : compiler.condition(when);
            Id offer = yaml.id(fields.get("offer"), "offer");
            if (name != null && when != null && condition != null && offer != null) {
                rules.add(new CompiledRule(new Rule(name, when.getValue().strip(), offer), condition));
            }
        }
        return rules;
    }

    private @Nullable String ruleName(@Nullable Entry entry, Set<String> names) {
        String name = yaml.text(entry, "rule");
        if (entry == null || name == null) {
            return null;
        }
        if (name.isBlank() || name.length() > MAX_RULE_NAME) {
            problems.add(entry.value(), "a rule's name must have 1 to " + MAX_RULE_NAME + " characters");
        } else if (name.equals(Strategy.OTHERWISE)) {
            problems.add(entry.value(), "a rule can't be named otherwise: that names the decision without a rule");
        } else if (!names.add(name)) {
            problems.add(entry.value(), "there is another rule " + name + ": names must be unique");
        }
        return name;
    }

    private List<Attribute> output(@Nullable Entry entry, Declared declared) {
        List<Attribute> output = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (Node node : yaml.sequence(entry, "output")) {
            if (!(node instanceof ScalarNode scalar)) {
                problems.add(node, "output lists references of attributes, for example customer.income");
                continue;
            }
            Attribute attribute = declared.get(scalar.getValue());
            if (attribute == null) {
                problems.add(node, "unknown attribute " + scalar.getValue()
                        + Suggestion.of(scalar.getValue(), declared.references()));
            } else if (TAKEN.contains(attribute.name())) {
                problems.add(node, attribute.name() + " is a field of every offer: leave it out here");
            } else if (!names.add(attribute.name())) {
                problems.add(node, "there is another output " + attribute.name() + ": names must be unique");
            } else {
                output.add(attribute);
            }
        }
        return output;
    }
}
