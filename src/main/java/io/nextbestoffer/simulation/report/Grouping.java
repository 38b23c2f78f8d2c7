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

/** Counts decisions, grouped by the values of one attribute. Not thread-safe. */
final class Grouping {

    /** An attribute with more values identifies people rather than groups. */
    static final int MAX_GROUPS = 100;

    /** A group of fewer customers is not listed, because it could identify them. */
    static final int MIN_CUSTOMERS = 5;

    static final String OTHERS = "others";
    static final String UNKNOWN = "unknown";

    private final GroupingAttribute attribute;
    private final Map<String, GroupStats> groups = new LinkedHashMap<>();
    private final int minimumSize;
    private final GroupStats others;
    private final GroupStats unknown;
    private boolean recorded;
    private boolean fromProfile;
    private boolean tooMany;

    /** @param minimumSize number of different customers that a group needs to be compared with others */
    Grouping(GroupingAttribute attribute, int minimumSize) {
        this.attribute = attribute;
        this.minimumSize = minimumSize;
        others = newGroup();
        unknown = newGroup();
        attribute.bandLabels().forEach(label -> groups.put(label, newGroup()));
    }

    private GroupStats newGroup() {
        return new GroupStats(attribute.fairness() ? Math.max(MIN_CUSTOMERS, minimumSize) : MIN_CUSTOMERS);
    }

    void add(@Nullable String customer, Value value, DecidedOffer before, DecidedOffer after) {
        recorded |= value.origin() == Origin.RECORDED;
        fromProfile |= value.origin() == Origin.PROFILE;
        if (!tooMany && !attribute.lacksBands()) {
            group(value.value()).add(customer, before, after);
        }
    }

    private GroupStats group(@Nullable Object value) {
        if (value == null) {
            return unknown;
        }
        String label = attribute.label(value);
        if (label == null) {
            return others;
        }
        GroupStats group = groups.computeIfAbsent(label, any -> newGroup());
        tooMany = groups.size() > MAX_GROUPS && attribute.bands().isEmpty();
        return group;
    }

    private record Listed(String label, GroupStats stats, boolean isGroup) {
    }

    /** Returns bands in their order, or other groups by size, the largest first; then others and unknown. */
    private List<Listed> listed() {
        var listed = new ArrayList<Listed>();
        var rest = newGroup();
        rest.add(others);
        groups.forEach((label, group) -> {
            if (group.hasCustomers(MIN_CUSTOMERS)) {
                listed.add(new Listed(label, group, true));
            } else {
                rest.add(group);
            }
        });
        if (attribute.bands().isEmpty()) {
            listed.sort(Comparator.comparingLong((Listed one) -> -one.stats.size()).thenComparing(Listed::label));
        }
        if (rest.size() > 0) {
            listed.add(new Listed(OTHERS, rest, false));
        }
        if (unknown.size() > 0) {
            listed.add(new Listed(UNKNOWN, unknown, false));
        }
        return listed;
    }

    private String source() {
        return !fromProfile ? "recorded" : recorded ? "recorded, else present profile" : "present profile";
    }

    private @Nullable String note() {
        if (attribute.lacksBands()) {
            return "is a number: declare bands to compare groups";
        }
        return tooMany ? "has more than " + MAX_GROUPS + " different values, so they are not listed" : null;
    }

    Grouped grouped(Function<Id, String> names) {
        String note = note();
        return new Grouped(attribute.reference(), source(), note, note != null
                ? List.of()
                : listed().stream().map(one -> new Group(one.label, one.stats.size(), one.stats.mix(names))).toList());
    }

    Protected compared(Function<Id, String> names) {
        String note = note();
        String because = attribute.declared() == null || attribute.declared().protection() == null
                ? null
                : attribute.declared().protection().because();
        return new Protected(attribute.reference(), because, source(), note,
                note != null ? List.of() : selections(names));
    }

    private List<Selections> selections(Function<Id, String> names) {
        List<Listed> listed = listed();
        List<GroupStats> compared = listed.stream().filter(one -> one.isGroup && one.stats.hasCustomers(minimumSize))
                .map(Listed::stats).toList();
        SelectionRate before = SelectionRate.highest(compared.stream().map(GroupStats::before).toList());
        SelectionRate after = SelectionRate.highest(compared.stream().map(GroupStats::after).toList());
        return listed.stream().map(one -> {
            boolean small = !one.stats.hasCustomers(minimumSize);
            return new Selections(one.label, one.stats.size(), small, warning(one, small),
                    one.stats.before().comparedWith(one.isGroup ? before : null),
                    one.stats.after().comparedWith(one.isGroup ? after : null), one.stats.mix(names));
        }).toList();
    }

    private @Nullable String warning(Listed one, boolean small) {
        if (!one.isGroup) {
            return "not a group: its rates are not compared";
        }
        return small
                ? "fewer than " + minimumSize + " customers: too few for a conclusion; never used as the highest rate"
                : null;
    }
}
