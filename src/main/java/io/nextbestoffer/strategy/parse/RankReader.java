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

/** Reads how offers are ranked. */
final class RankReader {

    private static final List<String> KEYS = List.of("candidates", "eligible", "owned", "score", "value", "weight",
            "above", "limit");
    private static final List<String> ENTRY_KEYS = List.of("offer", "category", "when", "value", "weight",
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
    private final AttributeUsage uses;

    RankReader(YamlReader yaml, ProblemCollector problems, ExpressionCompiler compiler, AttributeSchema schema,
            AttributeUsage uses) {
        this.yaml = yaml;
        this.problems = problems;
        this.compiler = compiler;
        this.schema = schema;
        this.uses = uses;
    }

    /** What every offer has, besides what the document declares. */
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
        List<RankStrategy.CandidateRule> entries = entries(fields.get("candidates"), value, weight);
        List<ScoreTerm> terms = terms(fields.get("score"));
        return new Ranking(List.copyOf(entries), eligible, owned, List.copyOf(terms), above(fields.get("above")),
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
            problems.add(scalar, "owned must name an attribute of type strings, with what the customer has");
        } else {
            uses.add(attribute, scalar);
        }
        return attribute;
    }

    private @Nullable Double above(@Nullable YamlEntry entry) {
        ScalarNode scalar = yaml.scalar(entry, "above");
        Double above = scalar == null ? null : YamlReader.number(scalar);
        if (scalar != null && above == null) {
            problems.add(scalar, "above must be a number: the score that an offer must exceed");
        }
        return above;
    }

    private int whole(@Nullable YamlEntry entry, String what, int least, int most, int otherwise) {
        ScalarNode scalar = yaml.scalar(entry, what);
        if (scalar == null) {
            return otherwise;
        }
        Long number = YamlReader.whole(scalar);
        if (number == null || number < least || number > most) {
            problems.add(scalar, what + " must be a whole number from " + least + " to " + most);
            return otherwise;
        }
        return number.intValue();
    }

    private List<RankStrategy.CandidateRule> entries(@Nullable YamlEntry entry, @Nullable Expression value,
            @Nullable Expression weight) {
        List<RankStrategy.CandidateRule> entries = new ArrayList<>();
        Set<String> named = new HashSet<>();
        for (Node node : yaml.sequence(entry, "candidates")) {
            Map<String, YamlEntry> fields = yaml.mapping(node, "a candidate", ENTRY_KEYS, List.of());
            Id offer = yaml.id(fields.get("offer"), "offer");
            String category = yaml.text(fields.get("category"), "category");
            if (fields.containsKey("offer") == fields.containsKey("category")) {
                problems.add(node, "a candidate is either an offer or all offers of a category");
            } else if ((offer != null || category != null) && !named.add((offer != null) + " " + offer + category)) {
                problems.add(node, "there is another candidate " + (offer != null ? offer : category));
            }
            Expression ofEntry = number(fields, "value");
            Expression itsWeight = number(fields, "weight");
            entries.add(new RankStrategy.CandidateRule(offer, category, condition(fields, "when"),
                    ofEntry != null ? ofEntry : value, itsWeight != null ? itsWeight : weight,
                    whole(fields.get("priority"), "priority", 1, Integer.MAX_VALUE, DEFAULT_PRIORITY),
                    node.getStartMark().getLine() + 1, node.getStartMark().getColumn() + 1));
        }
        if (entry != null && entries.isEmpty()) {
            problems.add(entry.key(), "candidates must list offers or categories");
        }
        return entries;
    }

    private List<ScoreTerm> terms(@Nullable YamlEntry entry) {
        List<ScoreTerm> terms = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (Node node : yaml.sequence(entry, "score")) {
            Map<String, YamlEntry> fields = yaml.mapping(node, "a term", TERM_KEYS, TERM_KEYS);
            String name = yaml.text(fields.get("term"), "term");
            if (name != null && (name.isBlank() || name.length() > MAX_NAME)) {
                problems.add(fields.get("term").value(), "a term's name must have 1 to " + MAX_NAME + " characters");
            } else if (name != null && !names.add(name)) {
                problems.add(fields.get("term").value(), "there is another term " + name + ": names must be unique");
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
        uses.add(expression, scalar);
        return new WhenClause(scalar.getValue().strip(), expression);
    }

    private @Nullable Expression number(Map<String, YamlEntry> fields, String key) {
        ScalarNode scalar = yaml.scalar(fields.get(key), key);
        Expression expression = scalar == null ? null : compiler.number(scalar, key);
        if (expression != null) {
            uses.add(expression, scalar);
        }
        return expression;
    }
}
