package io.nextbestoffer.strategy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;

import com.fasterxml.jackson.core.JsonGenerator;

import io.nextbestoffer.activity.Activity;
import io.nextbestoffer.attribute.Attributes;
import io.nextbestoffer.attribute.Id;
import io.nextbestoffer.offer.Catalog;
import io.nextbestoffer.offer.Offer;
import io.nextbestoffer.strategy.document.DocumentProblem;
import io.nextbestoffer.strategy.document.InvalidStrategyException;
import io.nextbestoffer.strategy.document.Suggestion;
import io.nextbestoffer.strategy.expression.Expression;
import io.nextbestoffer.strategy.expression.UncomputableException;
import io.nextbestoffer.strategy.input.Attribute;
import io.nextbestoffer.strategy.input.AttributeSchema;
import io.nextbestoffer.strategy.input.DecisionContext;
import io.nextbestoffer.strategy.input.Inputs;
import io.nextbestoffer.strategy.input.UndecidableException;

/**
 * A strategy for choosing offers, compiled from a document. Immutable and thread-safe; a decision is a pure function of
 * the inputs, the catalog and the time.
 */
public abstract sealed class Strategy implements Document permits FirstMatchStrategy, RankStrategy {

    /** Stands in place of the name of a rule if no rule decides. */
    public static final String OTHERWISE = "otherwise";

    /** Stands in place of the name of a rule if a ranking decides. */
    public static final String RANKED = "ranked";

    /**
     * The parts that all strategies have.
     *
     * @param segments the conditions of segments, which group customers in reports, by name
     */
    public record Head(String name, int version, String description, AttributeSchema schema,
            Map<String, Expression> segments, Otherwise otherwise, List<Attribute> output, List<Finding> findings) {
    }

    /** @param line its line in the document, from 1 */
    public record Otherwise(Id offer, int line, int column) {
    }

    /** A condition under which an offer can be chosen, with the name of its rule. */
    public record Criterion(String rule, String when) {
    }

    private final Head head;
    private final boolean outputsAllInputs;

    Strategy(Head head) {
        this.head = head;
        outputsAllInputs = head.output().containsAll(head.schema().inputs());
    }

    /**
     * Parses, checks and compiles a strategy.
     *
     * @param document YAML or JSON
     * @throws InvalidStrategyException with all problems and their positions
     */
    public static Strategy parse(String document, int version) {
        if (Document.parse(document, version) instanceof Strategy strategy) {
            return strategy;
        }
        throw new InvalidStrategyException(
                List.of(new DocumentProblem(1, 1, "the document is a routing, not a strategy")));
    }

    /** Binds the strategy to a catalog. */
    public abstract Chooser on(Catalog catalog);

    /** The offers that the document names. */
    public abstract Set<Id> offers();

    /** The criteria by which an offer can be chosen; empty if it can't be chosen. */
    public abstract List<Criterion> criteria(Offer offer);

    /** Checks the strategy against a catalog. The findings don't include {@link #findings()}. */
    public List<Finding> check(Catalog catalog) {
        var found = new ArrayList<Finding>();
        if (isOtherwiseLimited(catalog)) {
            found.add(new Finding(Finding.Severity.ERROR, head.otherwise().line(), head.otherwise().column(),
                    otherwiseLimited()));
        }
        check(catalog, found);
        Collection<Id> unused = catalog.offers().values().stream()
                .filter(offer -> !offer.id().equals(otherwise()) && criteria(offer).isEmpty()).map(Offer::id)
                .sorted(Catalog.ORDER).toList();
        if (!unused.isEmpty()) {
            found.add(
                    new Finding(Finding.Severity.NOTE, 0, 0, "offers of the catalog that are never chosen: " + unused));
        }
        return found;
    }

    abstract void check(Catalog catalog, List<Finding> found);

    /** The errors that {@link #check} would find with a catalog, at less cost. They prevent activation. */
    public List<String> obstacles(Catalog catalog) {
        var obstacles = new ArrayList<>(on(catalog).obstacles());
        if (isOtherwiseLimited(catalog)) {
            obstacles.add(otherwiseLimited());
        }
        return obstacles;
    }

    private boolean isOtherwiseLimited(Catalog catalog) {
        Offer otherwise = catalog.get(otherwise());
        return otherwise != null && (otherwise.validFrom() != null || otherwise.validUntil() != null);
    }

    private String otherwiseLimited() {
        return "offer " + otherwise()
                + " is chosen if nothing else is, so it must always be valid: remove its valid_from and valid_until";
    }

    /** The offers that the document names and the catalog lacks, as obstacles. */
    final List<String> missingOffers(Catalog catalog) {
        return catalog.missing(offers()).stream().sorted(Catalog.ORDER)
                .map(id -> "offer " + id + " is not in the catalog").toList();
    }

    final Finding missing(Id offer, int line, int column, Catalog catalog) {
        return new Finding(Finding.Severity.ERROR, line, column, "offer " + offer + " is not in the catalog"
                + Suggestion.of(offer.text(), catalog.offers().keySet().stream().sorted(Catalog.ORDER)
                        .map(Id::text).toList()));
    }

    @Override
    public String name() {
        return head.name();
    }

    @Override
    public int version() {
        return head.version();
    }

    @Override
    public String description() {
        return head.description();
    }

    @Override
    public List<Finding> findings() {
        return head.findings();
    }

    public Id otherwise() {
        return head.otherwise().offer();
    }

    Head head() {
        return head;
    }

    /** The references of the attributes that are emitted with the offer, such as {@code customer.income}, in order. */
    public List<String> output() {
        return head.output().stream().map(Attribute::reference).toList();
    }

    /** The attributes that decisions are made from. */
    public List<Attribute> inputs() {
        return head.schema().inputs();
    }

    /** The names of all segments. */
    public Set<String> segments() {
        return head.segments().keySet();
    }

    /** The segments that the inputs belong to. */
    public List<String> segments(Inputs inputs) {
        var matching = new ArrayList<String>();
        head.segments().forEach((name, condition) -> {
            try {
                if (condition.test(inputs)) {
                    matching.add(name);
                }
            } catch (UncomputableException e) {
                // Not computable: the customer counts as outside this segment
            }
        });
        return matching;
    }

    /**
     * Reads the attributes that the strategy declares.
     *
     * @throws UndecidableException if an attribute is missing, of another type or outside its limits
     */
    public Inputs inputs(DecisionContext context) {
        return head.schema().inputs(context);
    }

    /**
     * Checks the attributes that the strategy reads from an activity, before its customer is known.
     *
     * @param problem receives each attribute that is missing, of another type or outside its limits, and the message
     */
    public void check(Activity activity, BiConsumer<Attribute, String> problem) {
        head.schema().check(DecisionContext.withoutCustomer(activity),
                attribute -> attribute.source().equals(DecisionContext.ACTIVITY), problem);
    }

    /**
     * Checks all attributes that the strategy reads.
     *
     * @param problem receives each attribute that is missing, of another type or outside its limits, and the message
     */
    public void check(DecisionContext context, BiConsumer<Attribute, String> problem) {
        head.schema().check(context, attribute -> true, problem);
    }

    /**
     * Reads the inputs that {@link Inputs#writeTo} wrote, to explain or replay a past decision.
     *
     * @param json a JSON object as {@link io.nextbestoffer.attribute.JsonReader#value} reads it
     * @throws UndecidableException if an attribute is missing, of another type or outside its limits
     */
    public Inputs inputs(Map<?, ?> json) {
        return head.schema().inputs(json);
    }

    /** Whether every declared input is emitted, so that {@link #inputs(Attributes)} can restore the inputs. */
    public boolean outputsAllInputs() {
        return outputsAllInputs;
    }

    /**
     * Reads the inputs that {@link #writeOutput} wrote.
     *
     * @param output the fields of the offer record
     * @throws UndecidableException if an attribute is missing, of another type or outside its limits
     */
    public Inputs inputs(Attributes output) {
        return head.schema().inputs(output);
    }

    /** Writes the {@link #output} attributes as fields, named without {@code activity.} or {@code customer.}. */
    public void writeOutput(Inputs inputs, JsonGenerator json) throws IOException {
        requireOwn(inputs);
        for (Attribute attribute : head.output()) {
            json.writeFieldName(attribute.name());
            Attributes.writeValue(json, inputs.get(attribute));
        }
    }

    final void requireOwn(Inputs inputs) {
        if (!inputs.isOf(head.schema())) {
            throw new IllegalArgumentException("the inputs belong to another strategy than " + this);
        }
    }

    final void requireNoObstacle(List<String> obstacles) {
        if (!obstacles.isEmpty()) {
            throw new IllegalStateException("strategy " + this + " can't choose: " + obstacles.get(0));
        }
    }

    @Override
    public String toString() {
        return name() + " " + version();
    }
}
