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
 * How to decide, compiled from a document. Immutable and thread-safe; deciding is a pure function of the inputs and
 * the catalog.
 */
public abstract sealed class Strategy implements Document permits FirstMatchStrategy, RankStrategy {

    /** What decides when no rule does. */
    public static final String OTHERWISE = "otherwise";

    /** What decides where offers are ranked: a name in the place of a rule's. */
    public static final String RANKED = "ranked";

    /**
     * What all strategies have.
     *
     * @param segments by name: what customers are told apart by in reports
     */
    public record Head(String name, int version, String description, AttributeSchema declared,
            Map<String, Expression> segments,
            Otherwise otherwise, List<Attribute> output, List<Finding> findings) {
    }

    /** @param line where it is in the document, from 1 */
    public record Otherwise(Id offer, int line, int column) {
    }

    /** By which an offer is chosen. */
    public record Criterion(String rule, String when) {
    }

    private final Head head;
    private final boolean putsOutAllInputs;

    Strategy(Head head) {
        this.head = head;
        putsOutAllInputs = head.output().containsAll(head.declared().inputs());
    }

    /**
     * @param document YAML or JSON
     * @throws InvalidStrategyException naming all problems with their positions
     */
    public static Strategy parse(String document, int version) {
        if (Document.parse(document, version) instanceof Strategy strategy) {
            return strategy;
        }
        throw new InvalidStrategyException(List.of(new DocumentProblem(1, 1, "a routing, not a strategy")));
    }

    /** What chooses from this catalog. */
    public abstract Chooser on(Catalog catalog);

    /** The offers it names. */
    public abstract Set<Id> offers();

    /** By what it may choose this offer; empty if it never does. */
    public abstract List<Criterion> criteria(Offer offer);

    /** What is questionable in it with this catalog, without {@link #findings()}. */
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
            found.add(new Finding(Finding.Severity.NOTE, 0, 0, "offers of the catalog it never chooses: " + unused));
        }
        return found;
    }

    abstract void check(Catalog catalog, List<Finding> found);

    /** What keeps it from being active with this catalog: the errors of {@link #check}, at less cost. */
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
        return "offer " + otherwise() + " decides if nothing else does: it must be valid at any time";
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

    /** References of the attributes that go out with the offer, for example {@code customer.income}, in order. */
    public List<String> output() {
        return head.output().stream().map(Attribute::reference).toList();
    }

    /** What it is decided from. */
    public List<Attribute> inputs() {
        return head.declared().inputs();
    }

    /** Names of all segments. */
    public Set<String> segments() {
        return head.segments().keySet();
    }

    /** The segments these inputs belong to. One that can't be computed is none of them. */
    public List<String> segments(Inputs inputs) {
        var in = new ArrayList<String>();
        head.segments().forEach((name, condition) -> {
            try {
                if (condition.test(inputs)) {
                    in.add(name);
                }
            } catch (UncomputableException e) {
                // it is told of nobody who can't be told
            }
        });
        return in;
    }

    /**
     * Reads the attributes that the strategy declares.
     *
     * @throws UndecidableException if an attribute is missing, has the wrong type or is out of its limits
     */
    public Inputs inputs(DecisionContext context) {
        return head.declared().inputs(context);
    }

    /**
     * Whether an activity has what the strategy takes from it, whoever its customer is.
     *
     * @param problem gets the attribute's name without {@code activity.}, and what is wrong with it
     */
    public void check(Activity activity, BiConsumer<String, String> problem) {
        head.declared().check(DecisionContext.withoutCustomer(activity),
                attribute -> attribute.source().equals(DecisionContext.ACTIVITY),
                (attribute, message) -> problem.accept(attribute.name(), message));
    }

    /**
     * Whether activity and customer together have all the strategy needs.
     *
     * @param problem gets each attribute that is wrong, and what is wrong with it
     */
    public void check(DecisionContext context, BiConsumer<Attribute, String> problem) {
        head.declared().check(context, attribute -> true, problem);
    }

    /**
     * Reads back what {@link Inputs#writeTo} wrote, to explain or replay a past decision.
     *
     * @param json a JSON object as {@link io.nextbestoffer.attribute.JsonReader#value} reads it
     * @throws UndecidableException if an attribute is missing or has the wrong type
     */
    public Inputs inputs(Map<?, ?> json) {
        return head.declared().inputs(json);
    }

    /** Whether all that is declared goes out, so that {@link #inputs(Attributes)} has all it needs. */
    public boolean putsOutAllInputs() {
        return putsOutAllInputs;
    }

    /**
     * Reads back what {@link #writeOutput} wrote.
     *
     * @param output the fields of the record that went out
     * @throws UndecidableException if an attribute is missing or has the wrong type
     */
    public Inputs inputs(Attributes output) {
        return head.declared().inputs(output);
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
        if (!inputs.isOf(head.declared())) {
            throw new IllegalArgumentException("inputs of another strategy than " + this);
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
