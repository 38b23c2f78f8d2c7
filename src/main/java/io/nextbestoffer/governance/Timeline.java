package io.nextbestoffer.governance;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.strategy.Document;
import io.nextbestoffer.strategy.Routing;
import io.nextbestoffer.strategy.Strategy;

/** The active strategies at each moment from now on: calculated once, looked up for each batch. Immutable. */
final class Timeline {

    /** @param active null without an active routing */
    private record Period(Instant from, @Nullable ActiveStrategies active) {
    }

    /** In ascending order; the first one begins now. */
    private final List<Period> periods = new ArrayList<>();

    /**
     * @param activations the active and the scheduled ones, of all strategies
     * @param documents returns the document of a version; null if it can't be used: then its strategy is not active
     * @param now the current time by the clock of the database
     * @param previous the strategies active until now; the same object is kept if nothing has changed
     */
    Timeline(List<Activation> activations, Function<VersionRef, @Nullable Document> documents, Instant now,
            @Nullable ActiveStrategies previous) {
        List<ActivationHistory> histories = activations.stream()
                .collect(Collectors.groupingBy(one -> one.version().strategy())).values().stream()
                .map(ActivationHistory::new)
                .toList();
        var times = new TreeSet<Instant>(List.of(now));
        activations.stream().map(Activation::effectiveAt).filter(now::isBefore).forEach(times::add);
        ActiveStrategies last = previous;
        for (Instant time : times) {
            ActiveStrategies active = active(histories, documents, time);
            if (periods.isEmpty() || active == null || !active.equals(last)) {
                last = active != null && active.equals(last) ? last : active;
                periods.add(new Period(time, last));
            }
        }
    }

    private static @Nullable ActiveStrategies active(List<ActivationHistory> histories,
            Function<VersionRef, @Nullable Document> documents, Instant at) {
        Routing routing = null;
        Map<String, Strategy> strategies = new HashMap<>();
        for (ActivationHistory history : histories) {
            Activation activation = history.activeAt(at);
            Document document = activation == null ? null : documents.apply(activation.version());
            if (document instanceof Routing found) {
                routing = found;
            } else if (document instanceof Strategy strategy) {
                strategies.put(strategy.name(), strategy);
            }
        }
        return routing == null ? null : new ActiveStrategies(routing, strategies);
    }

    /**
     * The strategies active at this moment; null without an active routing.
     *
     * @param at a time by the clock of the database
     */
    @Nullable
    ActiveStrategies at(Instant at) {
        return period(at).active();
    }

    /** When the strategies active at this moment took effect, or when the timeline began if that was later. */
    Instant activeSince(Instant at) {
        return period(at).from();
    }

    /** Whether the active strategies stay the same from now on. */
    boolean isFixed() {
        return periods.size() == 1;
    }

    /** The active strategies of all periods. */
    List<ActiveStrategies> all() {
        return periods.stream().map(Period::active).filter(active -> active != null).toList();
    }

    private Period period(Instant at) {
        int i = periods.size() - 1;
        while (i > 0 && at.isBefore(periods.get(i).from())) {
            i--;
        }
        return periods.get(i);
    }
}
