package io.nextbestoffer.strategy.parse;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;

import io.nextbestoffer.attribute.Id;
import io.nextbestoffer.strategy.Document;
import io.nextbestoffer.strategy.Finding;
import io.nextbestoffer.strategy.Finding.Severity;
import io.nextbestoffer.strategy.FirstMatchStrategy;
import io.nextbestoffer.strategy.RankStrategy;
import io.nextbestoffer.strategy.Routing;
import io.nextbestoffer.strategy.Strategy;
import io.nextbestoffer.strategy.Strategy.Otherwise;
import io.nextbestoffer.strategy.check.Coverage;
import io.nextbestoffer.strategy.check.Coverage.Verdict;
import io.nextbestoffer.strategy.document.ProblemCollector;
import io.nextbestoffer.strategy.document.SourcePositions;
import io.nextbestoffer.strategy.document.YamlDocument;
import io.nextbestoffer.strategy.document.YamlReader;
import io.nextbestoffer.strategy.document.YamlReader.YamlEntry;
import io.nextbestoffer.strategy.expression.Expression;
import io.nextbestoffer.strategy.expression.ExpressionCompiler;
import io.nextbestoffer.strategy.input.Attribute;
import io.nextbestoffer.strategy.input.AttributeSchema;
import io.nextbestoffer.strategy.input.DecisionContext;

/** Parses and compiles a document top-down. It continues after a problem, to find all of them. */
public final class DocumentParser {

    private static final List<String> KEYS = List.of("strategy", "description", "attributes", "constants",
            "expressions", "segments", "rules", "rank", "otherwise", "output");
    private static final List<String> MANDATORY = List.of("strategy", "otherwise");
    private static final List<String> ROUTING_KEYS = List.of("description", "attributes", "constants", "expressions",
            "routes", "default");
    private static final List<String> ROUTE_KEYS = List.of("when", "strategy");

    /** Names that mean something else in paths under /strategies. */
    private static final Map<String, String> RESERVED = Map.of(Routing.NAME, "the routing document",
            "schema", "the JSON Schema of documents", "validate", "the validation of documents");

    /** Fields of every offer record, which output attributes must not repeat. */
    private static final Set<String> OFFER_FIELDS = Set.of("activity_id", "customer_id", "offer_id", "offer_name",
            "offer_url", "decision_id", "strategy", "strategy_version", "rule", "catalog_revision", "score",
            "alternatives", "activity_time", "decided_at");

    /** Names of attributes by which customers should not be treated differently without a reason. */
    private static final Set<String> SENSITIVE = Set.of("age", "birth_date", "date_of_birth", "disability", "ethnicity",
            "gender", "marital_status", "nationality", "race", "religion", "sex");

    private final String text;
    private final int version;
    private final ProblemCollector problems = new ProblemCollector();
    private final YamlReader yaml = new YamlReader(problems);
    private final SourcePositions positions;
    private final List<Finding> findings = new ArrayList<>();

    public DocumentParser(String text, int version) {
        this.text = text;
        this.version = version;
        this.positions = new SourcePositions(text);
    }

    public Document document() {
        Node root = YamlDocument.compose(text, problems);
        if (root == null) {
            throw problems.exception();
        }
        return isRouting(root) ? routing(root) : strategy(root);
    }

    private static boolean isRouting(Node root) {
        return root instanceof MappingNode mapping && mapping.getValue().stream()
                .anyMatch(tuple -> tuple.getKeyNode() instanceof ScalarNode key && key.getValue().equals("routes"));
    }

    private Strategy strategy(Node root) {
        Map<String, YamlEntry> fields = yaml.mapping(root, "the document", KEYS, MANDATORY, Map.of("version",
                "saving a document assigns the version: remove this line"));
        YamlEntry rank = fields.get("rank");
        if (root instanceof MappingNode && (rank == null) == (fields.get("rules") == null)) {
            problems.add(root, "the document must have either rules or rank");
        }
        String name = strategyName(fields.get("strategy"), "strategy");
        if (name != null && RESERVED.containsKey(name)) {
            problems.add(fields.get("strategy").value(),
                    "a strategy can't be named " + name + ": that name stands for " + RESERVED.get(name));
        }
        String description = description(fields);
        AttributeSchema schema = new AttributesReader(yaml, problems).read(fields.get("attributes"),
                rank == null ? DecisionContext.SOURCES : Attribute.SOURCES);
        if (rank != null) {
            schema = RankReader.withBuiltIn(schema);
        }
        var compiler = compiler(fields, schema);
        Map<String, Expression> segments = segments(fields.get("segments"), compiler);
        var usage = new AttributeUsage(problems);
        if (fields.containsKey("attributes")) {
            usage.addLimits(schema, fields.get("attributes").key());
        }
        var rules = rank == null ? new RulesReader(yaml, problems, compiler, usage).read(fields.get("rules")) : null;
        var ranking = rank == null
                ? null
                : new RankReader(yaml, problems, compiler, schema, usage).read(rank);
        Otherwise otherwise = otherwise(fields.get("otherwise"));
        List<Attribute> output = output(fields.get("output"), schema);
        addUnused(fields, compiler);
        compiler.warnings().forEach(warning -> add(Severity.WARNING, warning.node(), warning.message()));
        addSensitive(usage);
        problems.throwIfAny();
        var head = new Strategy.Head(Objects.requireNonNull(name), version, description, schema, segments,
                Objects.requireNonNull(otherwise), List.copyOf(output), List.copyOf(findings));
        return rules != null
                ? new FirstMatchStrategy(head, rules)
                : new RankStrategy(head, Objects.requireNonNull(ranking));
    }

    private Routing routing(Node root) {
        Map<String, YamlEntry> fields = yaml.mapping(root, "the routing", ROUTING_KEYS, List.of("routes", "default"));
        String description = description(fields);
        AttributeSchema schema = new AttributesReader(yaml, problems).read(fields.get("attributes"),
                List.of(DecisionContext.ACTIVITY));
        var compiler = compiler(fields, schema);
        List<Routing.Route> routes = new ArrayList<>();
        var usage = new AttributeUsage(problems);
        var coverage = new Coverage();
        for (Node node : yaml.sequence(fields.get("routes"), "routes")) {
            Map<String, YamlEntry> route = yaml.mapping(node, "a route", ROUTE_KEYS, ROUTE_KEYS);
            ScalarNode when = yaml.scalar(route.get("when"), "when");
            Expression condition = when == null ? null : compiler.condition(when, "when");
            String strategy = strategyName(route.get("strategy"), "strategy");
            if (condition != null && strategy != null) {
                usage.add(condition, when);
                addUnreachable(coverage, condition, strategy, node);
                routes.add(new Routing.Route(condition, strategy));
            }
        }
        String fallback = strategyName(fields.get("default"), "default");
        addUnused(fields, compiler);
        compiler.warnings().forEach(warning -> add(Severity.WARNING, warning.node(), warning.message()));
        addSensitive(usage);
        problems.throwIfAny();
        return new Routing(version, description, schema, List.copyOf(routes), Objects.requireNonNull(fallback),
                List.copyOf(findings));
    }

    private void addUnreachable(Coverage coverage, Expression condition, String strategy, Node node) {
        Verdict verdict = coverage.next(condition.condition(), true);
        if (verdict != Verdict.REACHABLE) {
            add(Severity.WARNING, node, "the route to " + strategy + " can never be taken: "
                    + (verdict == Verdict.COVERED
                            ? "the routes before it cover every case in which its condition holds"
                            : "its condition contradicts itself or the limits of the attributes"));
        }
    }

    private void add(Severity severity, Node node, String message) {
        findings.add(new Finding(severity, node.getStartMark().getLine() + 1, node.getStartMark().getColumn() + 1,
                message));
    }

    private String description(Map<String, YamlEntry> fields) {
        String description = yaml.text(fields.get("description"), "description");
        return description == null ? "" : description;
    }

    private @Nullable String strategyName(@Nullable YamlEntry entry, String what) {
        String name = yaml.text(entry, what);
        if (entry != null && name != null && !name.matches("[a-z][a-z0-9-]{0,63}")) {
            problems.add(entry.value(), what + " must be a name of 1 to 64 characters a-z, 0-9 and -, "
                    + "beginning with a letter, for example private-banking");
        }
        return name;
    }

    /** Creates a compiler that knows the constants and named expressions of the document. */
    private ExpressionCompiler compiler(Map<String, YamlEntry> fields, AttributeSchema schema) {
        var compiler = new ExpressionCompiler(schema, problems, positions);
        named(fields.get("constants"), "constants").forEach((name, entry) -> {
            ScalarNode scalar = yaml.scalar(entry, "constant " + name);
            Object value = scalar == null ? null : constant(scalar);
            if (value != null) {
                compiler.constant(name, value);
            } else if (scalar != null) {
                problems.add(scalar, "constant " + name + " must be a number, a string, true or false");
            }
        });
        named(fields.get("expressions"), "expressions").forEach((name, entry) -> {
            ScalarNode scalar = yaml.scalar(entry, "expression " + name);
            if (scalar != null) {
                compiler.named(name, scalar);
            }
        });
        return compiler;
    }

    private Map<String, YamlEntry> named(@Nullable YamlEntry entry, String what) {
        Map<String, YamlEntry> named = entry == null ? Map.of() : yaml.mapping(entry.value(), what);
        var good = new LinkedHashMap<String, YamlEntry>();
        named.forEach((name, value) -> {
            if (name.matches("(?!(true|false|null|in|activity|customer|offer)$)[a-z_][a-z0-9_]{0,63}")) {
                good.put(name, value);
            } else {
                problems.add(value.key(), "a name must have 1 to 64 characters a-z, 0-9 and _, and must not be"
                        + " true, false, null, in, activity, customer or offer");
            }
        });
        return good;
    }

    private static @Nullable Object constant(ScalarNode scalar) {
        Object value = YamlReader.whole(scalar);
        value = value != null ? value : YamlReader.number(scalar);
        value = value != null ? value : YamlReader.bool(scalar);
        return value != null ? value : YamlReader.string(scalar);
    }

    private Map<String, Expression> segments(@Nullable YamlEntry entry, ExpressionCompiler compiler) {
        var segments = new LinkedHashMap<String, Expression>();
        (entry == null ? Map.<String, YamlEntry>of() : yaml.mapping(entry.value(), "segments"))
                .forEach((name, value) -> {
                    if (!name.matches("[a-z][a-z0-9-]{0,63}")) {
                        problems.add(value.key(),
                                "a segment's name must have 1 to 64 characters a-z, 0-9 and -, beginning with"
                                        + " a letter, for example young-professionals");
                    }
                    ScalarNode scalar = yaml.scalar(value, "segment " + name);
                    Expression condition = scalar == null ? null : compiler.condition(scalar, "segment " + name);
                    if (condition != null && condition.attributes().stream().anyMatch(Attribute::ofOffer)) {
                        problems.add(scalar,
                                "a segment groups customers: it can't depend on attributes of offers");
                    } else if (condition != null) {
                        segments.put(name, condition);
                    }
                });
        return segments;
    }

    private @Nullable Otherwise otherwise(@Nullable YamlEntry entry) {
        Id offer = yaml.id(entry, "otherwise");
        return entry == null || offer == null
                ? null
                : new Otherwise(offer, entry.value().getStartMark().getLine() + 1,
                        entry.value().getStartMark().getColumn() + 1);
    }

    private List<Attribute> output(@Nullable YamlEntry entry, AttributeSchema schema) {
        return new OutputReader(yaml, problems, OFFER_FIELDS).read(entry, schema);
    }

    private void addUnused(Map<String, YamlEntry> fields, ExpressionCompiler compiler) {
        for (String kind : List.of("constants", "expressions")) {
            YamlEntry entry = fields.get(kind);
            if (entry != null && entry.value() instanceof MappingNode) {
                // Problems were reported when it was read before
                new YamlReader(new ProblemCollector()).mapping(entry.value(), kind).forEach((name, value) -> {
                    if (!compiler.isUsed(name)) {
                        add(Severity.NOTE, value.key(), name + " is never used");
                    }
                });
            }
        }
    }

    private void addSensitive(AttributeUsage usage) {
        usage.attributes().stream().filter(attribute -> attribute.protection() == null)
                .filter(attribute -> SENSITIVE.contains(attribute.name()))
                .forEach(attribute -> findings.add(new Finding(Severity.WARNING, 0, 0, attribute.reference()
                        + " affects decisions, but is not marked protected: true. If customers must not be treated"
                        + " differently by it without a reason, mark it and give the reason (because)")));
    }
}
