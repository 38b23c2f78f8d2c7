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
 * Explains past decisions from the attributes, the version of the strategy, the revision of the catalog and the time
 * that they used; never from what is active or known today.
 */
@ApplicationScoped
public class DecisionExplainer {

    private final ActiveStrategyCache strategies;
    private final Offers offers;

    DecisionExplainer(ActiveStrategyCache strategies, Offers offers) {
        this.strategies = strategies;
        this.offers = offers;
    }

    /**
     * Explains a decision, as far as the versions that it used are still stored.
     *
     * @param decision the offer record that was emitted
     * @param inputs the inputs of the decision as JSON; null if the record has all of them
     */
    public Uni<ExplanationJson> explain(String decision, @Nullable String inputs) {
        Attributes record = JsonReader.object(JsonReader.utf8(decision));
        String name = String.valueOf(record.get("strategy"));
        int version = record.get("strategy_version") instanceof Long number ? number.intValue() : 0;
        // An explanation evaluates the strategy up to thousands of times, so it must not run on an event loop
        return strategies.find(name, version).emitOn(Infrastructure.getDefaultExecutor())
                .chain(strategy -> strategy != null
                        ? explain(decision, record, inputs, strategy)
                        : Uni.createFrom().item(ExplanationJson.without(decision, inputs, "Decided by version "
                                + version + " of strategy " + name
                                + ", which no longer exists or which this release can't use.")));
    }

    private Uni<ExplanationJson> explain(String decision, Attributes record, @Nullable String inputs,
            Strategy strategy) {
        long revision = record.get("catalog_revision") instanceof Long number ? number : 0;
        return offers.at(revision).emitOn(Infrastructure.getDefaultExecutor())
                .map(catalog -> explain(decision, record, inputs, strategy, catalog))
                .onFailure(NoSuchElementException.class)
                .recoverWithItem(() -> ExplanationJson.without(decision, inputs,
                        "Decided with revision " + revision + " of the catalog, which is no longer kept."));
    }

    private static ExplanationJson explain(String decision, Attributes record, @Nullable String recordedInputs,
            Strategy strategy, Catalog catalog) {
        try {
            Inputs inputs = recordedInputs == null
                    ? strategy.inputs(record)
                    : strategy.inputs((Map<?, ?>) JsonReader.value(JsonReader.utf8(recordedInputs)));
            Chooser chooser = strategy.on(catalog);
            if (!chooser.obstacles().isEmpty()) {
                return ExplanationJson.without(decision, JsonWriter.text(inputs::writeTo),
                        "The catalog lacks what the strategy needs: " + String.join("; ", chooser.obstacles()));
            }
            Instant at = Instant.parse(String.valueOf(record.get("decided_at")));
            return ExplanationJson.of(decision, inputs, chooser.explain(inputs, at));
        } catch (InvalidInputException e) {
            return ExplanationJson.without(decision, recordedInputs, e.getMessage());
        }
    }
}
