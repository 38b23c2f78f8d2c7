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

/**
 * The recorded decisions of the last days, up to a fixed time, because the service records more during the simulation.
 */
final class RecordedCases implements Cases {

    private static final int LARGEST_PAGE = 2_000;

    /** Small, because decisions can be large; the first page shows how large they are. */
    private static final int FIRST_PAGE = 100;

    /** Characters per page, approximately. */
    private static final long PAGE_LENGTH = 2 << 20;

    /** Longer than the timeouts of the statements themselves. */
    private static final Duration TIMEOUT = Duration.ofMinutes(2);

    private final DecisionLog log;
    private final ActiveStrategyCache strategyVersions;
    private final Set<String> strategies;
    private final Id otherwise;
    private final Instant until;
    private final Map<VersionRef, Optional<Strategy>> versions = new HashMap<>();
    private final TotalEstimator total;
    private LoggedDecision.LogCursor cursor;
    private int size = FIRST_PAGE;
    private boolean ended;

    RecordedCases(DecisionLog log, ActiveStrategyCache strategyVersions, SimulationRequest.Recorded over,
            Strategy draft,
            Instant until) {
        this.log = log;
        this.strategyVersions = strategyVersions;
        this.strategies = over.strategies().isEmpty() ? Set.of(draft.name()) : Set.copyOf(over.strategies());
        this.otherwise = draft.otherwise();
        this.until = until;
        total = new TotalEstimator(until);
        cursor = log.since(over.days());
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
        List<LoggedDecision> page = ended ? List.of() : log.after(cursor, size).await().atMost(TIMEOUT);
        for (LoggedDecision decision : page) {
            if (!decision.decidedAt().isBefore(until)) {
                ended = true;
                break;
            }
            read++;
            length += decision.decision().length() + (decision.inputs() == null ? 0 : decision.inputs().length());
            cursor = decision.cursor();
            total.read(decision.decidedAt());
            if (strategies.contains(decision.strategy())) {
                try {
                    cases.add(read(decision));
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

    private Case read(LoggedDecision decision) {
        Attributes record = JsonReader.object(JsonReader.utf8(decision.decision()));
        Strategy strategy = version(new VersionRef(decision.strategy(), decision.strategyVersion()));
        Map<String, Map<String, Object>> inputs = decision.inputs() == null
                ? inputs(record, decision, strategy)
                : Case.inputs(JsonReader.utf8(decision.inputs()));
        // The simulated strategy may use the ids even if the one that decided did not
        putId("activity_id", record, inputs.get(DecisionContext.ACTIVITY));
        putId("customer_id", record, inputs.get(DecisionContext.ACTIVITY));
        putId("customer_id", record, inputs.get(DecisionContext.CUSTOMER));
        Id offer = Id.of("offer_id", record.get("offer_id"));
        boolean selected = !offer.equals(strategy == null ? otherwise : strategy.otherwise());
        Double score = record.get("score") instanceof Number number ? number.doubleValue() : null;
        String name = record.get("offer_name") instanceof String text ? text : offer.text();
        return new Case(inputs, new DecidedOffer(offer, name, score, selected), decision.decidedAt(),
                decision.customer());
    }

    private static Map<String, Map<String, Object>> inputs(Attributes record, LoggedDecision decision,
            @Nullable Strategy strategy) {
        if (strategy == null) {
            throw new InvalidInputException("decided by version " + decision.strategyVersion() + " of strategy "
                    + decision.strategy() + ", which no longer exists");
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
                strategyVersions.find(version.strategy(), version.version()).await().atMost(TIMEOUT))).orElse(null);
    }
}
