package io.nextbestoffer.simulation.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.attribute.Id;
import io.nextbestoffer.simulation.report.GroupingAttribute.Origin;
import io.nextbestoffer.simulation.report.GroupingAttribute.Value;
import io.nextbestoffer.simulation.report.SimulationReport.Group;
import io.nextbestoffer.simulation.report.SimulationReport.Grouped;
import io.nextbestoffer.simulation.report.SimulationReport.Protected;
import io.nextbestoffer.simulation.report.SimulationReport.Selections;

/** Decisions by the values of one attribute. Not thread-safe. */
final class Grouping {

    /** An attribute with more values tells people apart, not groups. */
    static final int MOST_GROUPS = 100;

    /** A value that fewer customers have is not told: it could be known whose it is. */
    static final int LEAST_TOLD = 5;

    static final String OTHERS = "others";
    static final String UNKNOWN = "unknown";

    private final GroupingAttribute measure;
    private final Map<String, GroupStats> parts = new LinkedHashMap<>();
    private final int minimumSize;
    private final GroupStats others;
    private final GroupStats unknown;
    private boolean recorded;
    private boolean fromProfile;
    private boolean tooMany;

    /** @param minimumSize of a group that is compared with others: of so many different customers */
    Grouping(GroupingAttribute measure, int minimumSize) {
        this.measure = measure;
        this.minimumSize = minimumSize;
        others = part();
        unknown = part();
        measure.bandLabels().forEach(label -> parts.put(label, part()));
    }

    private GroupStats part() {
        return new GroupStats(measure.fairness() ? Math.max(LEAST_TOLD, minimumSize) : LEAST_TOLD);
    }

    void add(@Nullable String customer, Value value, DecidedOffer before, DecidedOffer after) {
        recorded |= value.origin() == Origin.RECORDED;
        fromProfile |= value.origin() == Origin.PROFILE;
        if (!tooMany && !measure.lacksBands()) {
            part(value.value()).add(customer, before, after);
        }
    }

    private GroupStats part(@Nullable Object value) {
        if (value == null) {
            return unknown;
        }
        String label = measure.label(value);
        if (label == null) {
            return others;
        }
        GroupStats part = parts.computeIfAbsent(label, any -> part());
        tooMany = parts.size() > MOST_GROUPS && measure.bands().isEmpty();
        return part;
    }

    private record Listed(String label, GroupStats part, boolean isGroup) {
    }

    /** Bands in their order; else the largest group first; then what is no group. */
    private List<Listed> told() {
        var told = new ArrayList<Listed>();
        var rest = part();
        rest.add(others);
        parts.forEach((label, part) -> {
            if (part.hasPeople(LEAST_TOLD)) {
                told.add(new Listed(label, part, true));
            } else {
                rest.add(part);
            }
        });
        if (measure.bands().isEmpty()) {
            told.sort(Comparator.comparingLong((Listed one) -> -one.part.size()).thenComparing(Listed::label));
        }
        if (rest.size() > 0) {
            told.add(new Listed(OTHERS, rest, false));
        }
        if (unknown.size() > 0) {
            told.add(new Listed(UNKNOWN, unknown, false));
        }
        return told;
    }

    private String source() {
        return !fromProfile ? "recorded" : recorded ? "recorded, else present profile" : "present profile";
    }

    private @Nullable String note() {
        if (measure.lacksBands()) {
            return "a number: declare bands, to have groups of it compared";
        }
        return tooMany ? "has more than " + MOST_GROUPS + " different values: they are not told apart" : null;
    }

    Grouped grouped(Function<Id, String> names) {
        String note = note();
        return new Grouped(measure.reference(), source(), note, note != null
                ? List.of()
                : told().stream().map(one -> new Group(one.label, one.part.size(), one.part.mix(names))).toList());
    }

    Protected compared(Function<Id, String> names) {
        String note = note();
        String because = measure.declared() == null || measure.declared().protection() == null
                ? null
                : measure.declared().protection().because();
        return new Protected(measure.reference(), because, source(), note,
                note != null ? List.of() : selections(names));
    }

    private List<Selections> selections(Function<Id, String> names) {
        List<Listed> told = told();
        List<GroupStats> judged = told.stream().filter(one -> one.isGroup && one.part.hasPeople(minimumSize))
                .map(Listed::part).toList();
        SelectionRate before = SelectionRate.highest(judged.stream().map(GroupStats::before).toList());
        SelectionRate after = SelectionRate.highest(judged.stream().map(GroupStats::after).toList());
        return told.stream().map(one -> {
            boolean small = !one.part.hasPeople(minimumSize);
            return new Selections(one.label, one.part.size(), small, warning(one, small),
                    one.part.before().comparedWith(one.isGroup ? before : null),
                    one.part.after().comparedWith(one.isGroup ? after : null), one.part.mix(names));
        }).toList();
    }

    private @Nullable String warning(Listed one, boolean small) {
        if (!one.isGroup) {
            return "no group: it is not compared with the others";
        }
        return small
                ? "fewer than " + minimumSize + " customers: too few to tell, and never taken as the highest rate"
                : null;
    }
}
