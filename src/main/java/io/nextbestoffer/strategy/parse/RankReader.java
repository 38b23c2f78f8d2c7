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
import io.nextbestoffer.strategy.RankStrategy;
import io.nextbestoffer.strategy.RankStrategy.CandidateRule;
import io.nextbestoffer.strategy.RankStrategy.Ranking;
import io.nextbestoffer.strategy.RankStrategy.ScoreTerm;
import io.nextbestoffer.strategy.RankStrategy.WhenClause;
import io.nextbestoffer.strategy.document.ProblemCollector;
import io.nextbestoffer.strategy.document.Suggestion;
import io.nextbestoffer.strategy.document.YamlReader;
import io.nextbestoffer.strategy.document.YamlReader.YamlEntry;
import io.nextbestoffer.strategy.expression.Expression;
import io.nextbestoffer.strategy.expression.ExpressionCompiler;
import io.nextbestoffer.strategy.input.Attribute;
import io.nextbestoffer.strategy.input.AttributeSchema;
import io.nextbestoffer.strategy.input.Type;

/** Reads the ranking of a strategy. */
final class RankReader {

    private static final List<String> KEYS = List.of("candidates", "eligible", "owned", "score", "value", "weight",
            "above", "limit");
    private static final List<String> CANDIDATE_KEYS = List.of("offer", "category", "when", "value", "weight",
            "priority");
    private static final List<String> TERM_KEYS = List.of("term", "weight", "value");
    private static final int DEFAULT_LIMIT = 5;
    private static final int MAX_LIMIT = 100;
    private static final int DEFAULT_PRIORITY = 100;
    private static final int MAX_NAME = 100;

    private final YamlReader yaml;
    private final ProblemCollector problems;
    private final ExpressionCompiler compiler;
    private final AttributeSchema schema;
    private final AttributeUsage usage;

    RankReader(YamlReader yaml, ProblemCollector problems, ExpressionCompiler compiler, AttributeSchema schema,
            AttributeUsage usage) {
        this.yaml = yaml;
        this.problems = problems;
        this.compiler = compiler;
        this.schema = schema;
        this.usage = usage;
    }

    /** Adds the attributes that every offer has to those that the document declares. */
    static AttributeSchema withBuiltIn(AttributeSchema schema) {
        var all = new ArrayList<Attribute>(schema.all());
        int next = schema.offerAttributes().size();
        if (schema.get(Attribute.OFFER + "." + RankStrategy.CATEGORY) == null) {
            all.add(new Attribute(Attribute.OFFER, RankStrategy.CATEGORY, next++, Type.STRING, null));
        }
        if (schema.get(Attribute.OFFER + "." + RankStrategy.PORTFOLIO_GAP) == null) {
            all.add(new Attribute(Attribute.OFFER, RankStrategy.PORTFOLIO_GAP, next, Type.BOOLEAN, null));
        }
        return new AttributeSchema(all);
    }

    Ranking read(YamlEntry entry) {
        Map<String, YamlEntry> fields = yaml.mapping(entry.value(), "rank", KEYS, List.of("candidates", "score"));
        WhenClause eligible = condition(fields, "eligible");
        Attribute owned = owned(fields.get("owned"));
        Expression value = number(fields, "value");
        Expression weight = number(fields, "weight");
        List<CandidateRule> rules = rules(fields.get("candidates"), value, weight);
        List<ScoreTerm> terms = terms(fields.get("score"));
        return new Ranking(List.copyOf(rules), eligible, owned, List.copyOf(terms), above(fields.get("above")),
                whole(fields.get("limit"), "limit", 1, MAX_LIMIT, DEFAULT_LIMIT));
    }

    private @Nullable Attribute owned(@Nullable YamlEntry entry) {
        ScalarNode scalar = yaml.scalar(entry, "owned");
        if (scalar == null) {
            return null;
        }
        Attribute attribute = schema.get(scalar.getValue());
        if (attribute == null) {
            problems.add(scalar, "unknown attribute " + scalar.getValue()
                    + Suggestion.of(scalar.getValue(), schema.references()));
        } else if (attribute.type() != Type.STRINGS || attribute.ofOffer()) {
            problems.add(scalar, "owned must name an attribute of type strings that lists what the customer owns");
        } else {
            usage.add(attribute, scalar);
        }
        return attribute;
    }

    private @Nullable Double above(@Nullable YamlEntry entry) {
        ScalarNode scalar = yaml.scalar(entry, "above");
        Double above = scalar == null ? null : YamlReader.number(scalar);
        if (scalar != null && above == null) {
            problems.add(scalar, "above must be a number, the score that an offer must exceed");
        }
        return above;
    }

    private int whole(@Nullable YamlEntry entry, String what, int min, int max, int defaultValue) {
        ScalarNode scalar = yaml.scalar(entry, what);
        if (scalar == null) {
            return defaultValue;
        }
        Long number = YamlReader.whole(scalar);
        if (number == null || number < min || number > max) {
            problems.add(scalar, what + " must be a whole number from " + min + " to " + max);
            return defaultValue;
        }
        return number.intValue();
    }

    private List<CandidateRule> rules(@Nullable YamlEntry entry, @Nullable Expression value,
            @Nullable Expression weight) {
        List<CandidateRule> rules = new ArrayList<>();
        Set<String> named = new HashSet<>();
        for (Node node : yaml.sequence(entry, "candidates")) {
            Map<String, YamlEntry> fields = yaml.mapping(node, "a candidate", CANDIDATE_KEYS, List.of());
            Id offer = yaml.id(fields.get("offer"), "offer");
            String category = yaml.text(fields.get("category"), "category");
            if (fields.containsKey("offer") == fields.containsKey("category")) {
                problems.add(node, "a candidate must have either an offer or a category");
            } else if ((offer != null || category != null) && !named.add((offer != null) + " " + offer + category)) {
                problems.add(node, "another candidate names " + (offer != null ? offer : category));
            }
            Expression ownValue = number(fields, "value");
            Expression ownWeight = number(fields, "weight");
            rules.add(new CandidateRule(offer, category, condition(fields, "when"),
                    ownValue != null ? ownValue : value, ownWeight != null ? ownWeight : weight,
                    whole(fields.get("priority"), "priority", 1, Integer.MAX_VALUE, DEFAULT_PRIORITY),
                    node.getStartMark().getLine() + 1, node.getStartMark().getColumn() + 1));
        }
        if (entry != null && rules.isEmpty()) {
            problems.add(entry.key(), "candidates must list offers or categories");
        }
        return rules;
    }

    private List<ScoreTerm> terms(@Nullable YamlEntry entry) {
        List<ScoreTerm> terms = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (Node node : yaml.sequence(entry, "score")) {
            Map<String, YamlEntry> fields = yaml.mapping(node, "a term", TERM_KEYS, TERM_KEYS);
            String name = yaml.text(fields.get("term"), "term");
            if (name != null && (name.isBlank() || name.length() > MAX_NAME)) {
                problems.add(fields.get("term").value(),
                        "the name of a term must have 1 to " + MAX_NAME + " characters");
            } else if (name != null && !names.add(name)) {
                problems.add(fields.get("term").value(), "another term is named " + name + ": names must be unique");
            }
            Expression weight = number(fields, "weight");
            Expression value = number(fields, "value");
            if (name != null && weight != null && value != null) {
                terms.add(new ScoreTerm(name, weight, value));
            }
        }
        if (entry != null && terms.isEmpty()) {
            problems.add(entry.key(), "score must list at least one term");
        }
        return terms;
    }

    private @Nullable WhenClause condition(Map<String, YamlEntry> fields, String key) {
        ScalarNode scalar = yaml.scalar(fields.get(key), key);
        Expression expression = scalar == null ? null : compiler.condition(scalar, key);
        if (expression == null) {
            return null;
        }
        usage.add(expression, scalar);
        return new WhenClause(scalar.getValue().strip(), expression);
    }

    private @Nullable Expression number(Map<String, YamlEntry> fields, String key) {
        ScalarNode scalar = yaml.scalar(fields.get(key), key);
        Expression expression = scalar == null ? null : compiler.number(scalar, key);
        if (expression != null) {
            usage.add(expression, scalar);
        }
        return expression;
    }
}
