package io.nextbestoffer.simulation;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.attribute.Attributes;
import io.nextbestoffer.attribute.Id;
import io.nextbestoffer.attribute.InvalidInputException;
import io.nextbestoffer.attribute.JsonReader;
import io.nextbestoffer.governance.ActiveStrategyCache;
import io.nextbestoffer.governance.VersionRef;
import io.nextbestoffer.history.DecisionLog;
import io.nextbestoffer.history.LoggedDecision;
import io.nextbestoffer.simulation.report.DecidedOffer;
import io.nextbestoffer.strategy.Strategy;
import io.nextbestoffer.strategy.input.Attribute;
import io.nextbestoffer.strategy.input.DecisionContext;

/** What was decided in the last days, until now: decisions go on to be recorded meanwhile. */
final class RecordedCases implements Cases {

    private static final int LARGEST_PAGE = 2_000;

    /** Decisions can be large: the first page shows how large they are. */
    private static final int FIRST_PAGE = 100;

    /** Characters of a page, about. */
    private static final long PAGE_LENGTH = 2 << 20;

    /** Traces and documents have time limits of their own, which are shorter. */
    private static final Duration TIMEOUT = Duration.ofMinutes(2);

    private final DecisionLog traces;
    private final ActiveStrategyCache documents;
    private final Set<String> strategies;
    private final Id otherwise;
    private final Instant until;
    private final Map<VersionRef, Optional<Strategy>> versions = new HashMap<>();
    private final TotalEstimator total;
    private LoggedDecision.LogCursor place;
    private int size = FIRST_PAGE;
    private boolean ended;

    RecordedCases(DecisionLog traces, ActiveStrategyCache documents, SimulationRequest.Recorded over, Strategy draft,
            Instant until) {
        this.traces = traces;
        this.documents = documents;
        this.strategies = over.strategies().isEmpty() ? Set.of(draft.name()) : Set.copyOf(over.strategies());
        this.otherwise = draft.otherwise();
        this.until = until;
        total = new TotalEstimator(until);
        place = traces.since(over.days());
    }

    @Override
    public @Nullable Long total() {
        return total.total();
    }

    @Override
    public Page next() {
        var cases = new ArrayList<Case>();
        var unusable = new ArrayList<String>();
        int read = 0;
        long length = 0;
        List<LoggedDecision> page = ended ? List.of() : traces.after(place, size).await().atMost(TIMEOUT);
        for (LoggedDecision trace : page) {
            if (!trace.decidedAt().isBefore(until)) {
                ended = true;
                break;
            }
            read++;
            length += trace.decision().length() + (trace.inputs() == null ? 0 : trace.inputs().length());
            place = trace.cursor();
            total.read(trace.decidedAt());
            if (strategies.contains(trace.strategy())) {
                try {
                    cases.add(read(trace));
                } catch (InvalidInputException e) {
                    unusable.add(e.getMessage());
                }
            }
        }
        if (read > 0) {
            size = (int) Math.max(1, Math.min(LARGEST_PAGE, PAGE_LENGTH * read / Math.max(1, length)));
        }
        return new Page(read, cases, unusable);
    }

    private Case read(LoggedDecision trace) {
        Attributes record = JsonReader.object(JsonReader.utf8(trace.decision()));
        Strategy strategy = version(new VersionRef(trace.strategy(), trace.strategyVersion()));
        Map<String, Map<String, Object>> inputs = trace.inputs() == null
                ? inputs(record, trace, strategy)
                : Case.inputs(JsonReader.utf8(trace.inputs()));
        // Every strategy may use them, whether or not the one that decided did
        putId("activity_id", record, inputs.get(DecisionContext.ACTIVITY));
        putId("customer_id", record, inputs.get(DecisionContext.ACTIVITY));
        putId("customer_id", record, inputs.get(DecisionContext.CUSTOMER));
        Id offer = Id.of("offer_id", record.get("offer_id"));
        boolean selected = !offer.equals(strategy == null ? otherwise : strategy.otherwise());
        Double score = record.get("score") instanceof Number number ? number.doubleValue() : null;
        String name = record.get("offer_name") instanceof String text ? text : offer.text();
        return new Case(inputs, new DecidedOffer(offer, name, score, selected), trace.decidedAt(), trace.customer());
    }

    private static Map<String, Map<String, Object>> inputs(Attributes record, LoggedDecision trace,
            @Nullable Strategy strategy) {
        if (strategy == null) {
            throw new InvalidInputException("decided by version " + trace.strategyVersion() + " of strategy "
                    + trace.strategy() + ", which is not there any more");
        }
        var inputs = Map.<String, Map<String, Object>>of(DecisionContext.ACTIVITY, new HashMap<>(),
                DecisionContext.CUSTOMER,
                new HashMap<>());
        for (Attribute attribute : strategy.inputs()) {
            Object value = record.get(attribute.name());
            if (value != null) {
                inputs.get(attribute.source()).put(attribute.name(), value);
            }
        }
        return inputs;
    }

    private static void putId(String field, Attributes record, Map<String, Object> part) {
        Object id = record.get(field);
        if (id != null) {
            part.putIfAbsent(field, Id.of(field, id).text());
        }
    }

    private @Nullable Strategy version(VersionRef version) {
        return versions.computeIfAbsent(version, any -> Optional.ofNullable(
                documents.find(version.strategy(), version.version()).await().atMost(TIMEOUT))).orElse(null);
    }
}
