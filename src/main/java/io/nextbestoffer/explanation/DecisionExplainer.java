package io.nextbestoffer.explanation;

import java.time.Instant;
import java.util.Map;
import java.util.NoSuchElementException;

import jakarta.enterprise.context.ApplicationScoped;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.attribute.Attributes;
import io.nextbestoffer.attribute.InvalidInputException;
import io.nextbestoffer.attribute.JsonReader;
import io.nextbestoffer.attribute.JsonWriter;
import io.nextbestoffer.governance.ActiveStrategyCache;
import io.nextbestoffer.offer.Catalog;
import io.nextbestoffer.offer.Offers;
import io.nextbestoffer.strategy.Chooser;
import io.nextbestoffer.strategy.Strategy;
import io.nextbestoffer.strategy.input.Inputs;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;

/**
 * Explains decisions from what they used: the attributes they were made from, the version of the strategy, the
 * revision of the catalog and the time; never from what is in force or known today.
 */
@ApplicationScoped
public class DecisionExplainer {

    private final ActiveStrategyCache documents;
    private final Offers offers;

    DecisionExplainer(ActiveStrategyCache documents, Offers offers) {
        this.documents = documents;
        this.offers = offers;
    }

    /**
     * @param decision the record that went out
     * @param inputs JSON of what it was decided from; null if the record has it all
     */
    public Uni<ExplanationJson> of(String decision, @Nullable String inputs) {
        Attributes record = JsonReader.object(JsonReader.utf8(decision));
        String name = String.valueOf(record.get("strategy"));
        int version = record.get("strategy_version") instanceof Long number ? number.intValue() : 0;
        long revision = record.get("catalog_revision") instanceof Long number ? number : 0;
        // Explaining decides many times over: not on an event loop
        return documents.find(name, version).emitOn(
                Infrastructure.getDefaultExecutor()).chain(
                        strategy -> strategy == null
                                ? Uni.createFrom()
                                        .item(ExplanationJson.without(decision, inputs, "Decided by version " + version
                                                + " of strategy " + name
                                                + ", which is not there any more, or which this release can't use."))
                                : offers.at(revision).emitOn(Infrastructure.getDefaultExecutor())
                                        .map(catalog -> of(decision, record, inputs, strategy, catalog))
                                        .onFailure(NoSuchElementException.class)
                                        .recoverWithItem(() -> ExplanationJson.without(decision,
                                                inputs, "Decided with revision " + revision
                                                        + " of the catalog, which is not kept any more.")));
    }

    private static ExplanationJson of(String decision, Attributes record, @Nullable String inputs, Strategy strategy,
            Catalog catalog) {
        try {
            Inputs used = inputs == null
                    ? strategy.inputs(record)
                    : strategy.inputs((Map<?, ?>) JsonReader.value(JsonReader.utf8(inputs)));
            Chooser chooser = strategy.on(catalog);
            if (!chooser.obstacles().isEmpty()) {
                return ExplanationJson.without(decision, JsonWriter.text(used::writeTo),
                        "The catalog it was decided from is not at hand: " + String.join("; ", chooser.obstacles()));
            }
            Instant at = Instant.parse(String.valueOf(record.get("decided_at")));
            return ExplanationJson.of(decision, JsonWriter.text(used::writeTo), chooser.explain(used, at));
        } catch (InvalidInputException e) {
            return ExplanationJson.without(decision, inputs, e.getMessage());
        }
    }

    /** What would be decided now, of what is not recorded. */
    public ExplanationJson of(Chooser chooser, Inputs inputs, Instant at) {
        return ExplanationJson.of(null, JsonWriter.text(inputs::writeTo), chooser.explain(inputs, at));
    }
}
