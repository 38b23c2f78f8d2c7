package io.nextbestoffer.simulation;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.customer.Customer;
import io.nextbestoffer.customer.Customers;
import io.nextbestoffer.job.JobProgress;
import io.nextbestoffer.simulation.report.DecidedOffer;
import io.nextbestoffer.simulation.report.GroupingAttribute;
import io.nextbestoffer.simulation.report.SimulationReport;
import io.nextbestoffer.simulation.report.Tally;
import io.nextbestoffer.strategy.input.Attribute;
import io.nextbestoffer.strategy.input.UndecidableException;

/** Decides each case again and counts the outcomes. Blocks; not thread-safe. */
final class CaseReplay {

    private static final Duration TIMEOUT = Duration.ofMinutes(1);

    private final Cases cases;
    private final ReplayStrategy draft;
    private final @Nullable ReplayStrategy baseline;
    private final List<GroupingAttribute> attributes;
    private final Customers customers;
    private final Tally tally;

    /** @param baseline null: cases are compared with their recorded decisions */
    CaseReplay(Cases cases, ReplayStrategy draft, @Nullable ReplayStrategy baseline, List<GroupingAttribute> attributes,
            Customers customers, Tally tally) {
        this.cases = cases;
        this.draft = draft;
        this.baseline = baseline;
        this.attributes = attributes;
        this.customers = customers;
        this.tally = tally;
    }

    /** Name of the strategy that is simulated. */
    String strategy() {
        return draft.strategy().name();
    }

    /** Returns the protected attributes of the draft, and the attributes that the request groups by. */
    static List<GroupingAttribute> groupingAttributes(ReplayStrategy draft, List<String> groupBy) {
        var attributes = new ArrayList<GroupingAttribute>();
        for (Attribute attribute : draft.strategy().inputs()) {
            if (attribute.protection() != null) {
                attributes.add(new GroupingAttribute(attribute.source(), attribute.name(), attribute, true));
            }
        }
        for (String reference : groupBy) {
            int dot = reference.indexOf('.');
            attributes.add(new GroupingAttribute(reference.substring(0, dot), reference.substring(dot + 1),
                    draft.strategy().inputs().stream().filter(one -> one.reference().equals(reference)).findFirst()
                            .orElse(null),
                    false));
        }
        return attributes;
    }

    /** @throws io.nextbestoffer.job.JobStoppedException if the simulation must not go on */
    SimulationReport report(JobProgress progress) {
        long done = 0;
        int read;
        do {
            Cases.Page page = cases.next();
            add(page);
            read = page.read();
            done += read;
            progress.at(done, read == 0 ? Long.valueOf(done) : cases.total());
        } while (read > 0);
        return tally.report();
    }

    private void add(Cases.Page page) {
        Map<String, Customer> profiles = profiles(page);
        page.unusable().forEach(tally::undecidable);
        for (Case one : page.cases()) {
            try {
                add(one, one.customer() == null ? null : profiles.get(one.customer()));
            } catch (UndecidableException e) {
                tally.undecidable(e.getMessage());
            }
        }
    }

    /**
     * Reads the present profiles of customers, for grouping only: strategies must not decide by what was not known when
     * the case was decided.
     */
    private Map<String, Customer> profiles(Cases.Page page) {
        Set<String> ids = page.cases().stream()
                .filter(one -> attributes.stream().anyMatch(attribute -> attribute.needsProfile(one.inputs())))
                .map(Case::customer).filter(Objects::nonNull).collect(Collectors.toSet());
        return ids.isEmpty() ? Map.of() : customers.stored(ids).await().atMost(TIMEOUT);
    }

    private void add(Case one, @Nullable Customer profile) {
        ReplayStrategy.ReplayedDecision after = draft.decide(one, profile);
        DecidedOffer before = before(one, profile);
        draft.defaulted(one).forEach(attribute -> tally.defaulted(attribute.reference()));
        tally.add(one.customer(), before, after.offer(),
                after.segments() == null ? List.of(Tally.UNKNOWN) : after.segments(),
                attributes.stream().map(attribute -> attribute.value(one.inputs(), profile)).toList());
    }

    private DecidedOffer before(Case one, @Nullable Customer profile) {
        if (baseline == null) {
            return Objects.requireNonNull(one.recorded());
        }
        try {
            return baseline.decide(one, profile).offer();
        } catch (UndecidableException e) {
            throw new UndecidableException("baseline: " + e.getMessage());
        }
    }
}
