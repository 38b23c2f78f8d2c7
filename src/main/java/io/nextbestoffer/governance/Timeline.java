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

/** What is in force when: worked out once, looked up for each batch. Immutable. */
final class Timeline {

    /** @param active null if there is no routing */
    private record Moment(Instant from, @Nullable ActiveStrategies active) {
    }

    /** Ascending; the first one is now. */
    private final List<Moment> moments = new ArrayList<>();

    /**
     * @param activations those in force and those to come, of all strategies
     * @param documents of a version; null if it can't be used: then nothing is active in its stead
     * @param now by the clock of the database
     * @param held in force until now: stays the same object if nothing has changed
     */
    Timeline(List<Activation> activations, Function<VersionRef, @Nullable Document> documents, Instant now,
            @Nullable ActiveStrategies held) {
        List<ActivationHistory> histories = activations.stream()
                .collect(Collectors.groupingBy(one -> one.version().strategy())).values().stream()
                .map(ActivationHistory::new)
                .toList();
        var times = new TreeSet<Instant>(List.of(now));
        activations.stream().map(Activation::effectiveAt).filter(now::isBefore).forEach(times::add);
        ActiveStrategies before = held;
        for (Instant time : times) {
            ActiveStrategies active = active(histories, documents, time);
            if (moments.isEmpty() || active == null || !active.equals(before)) {
                before = active != null && active.equals(before) ? before : active;
                moments.add(new Moment(time, before));
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

    /** @param at by the clock of the database */
    @Nullable
    ActiveStrategies at(Instant at) {
        return moment(at).active();
    }

    /** Since when what is in force at this moment is; not before the time the timeline begins. */
    Instant since(Instant at) {
        return moment(at).from();
    }

    /** Whether it still changes. */
    boolean isFixed() {
        return moments.size() == 1;
    }

    /** What is in force now and what will be. */
    List<ActiveStrategies> all() {
        return moments.stream().map(Moment::active).filter(active -> active != null).toList();
    }

    private Moment moment(Instant at) {
        int i = moments.size() - 1;
        while (i > 0 && at.isBefore(moments.get(i).from())) {
            i--;
        }
        return moments.get(i);
    }
}
