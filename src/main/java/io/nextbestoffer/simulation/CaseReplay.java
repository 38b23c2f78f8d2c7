package io.nextbestoffer.simulation;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.customer.Customer;
import io.nextbestoffer.customer.Customers;
import io.nextbestoffer.job.Pacing;
import io.nextbestoffer.simulation.report.DecidedOffer;
import io.nextbestoffer.simulation.report.GroupingAttribute;
import io.nextbestoffer.simulation.report.SimulationReport;
import io.nextbestoffer.simulation.report.Tally;
import io.nextbestoffer.strategy.input.Attribute;
import io.nextbestoffer.strategy.input.UndecidableException;

/** Decides each case again and counts what comes out, with rests while activities wait. Blocks; not thread-safe. */
final class CaseReplay {

    private static final Duration TIMEOUT = Duration.ofMinutes(1);
    private static final Duration PAUSE = Duration.ofMillis(50);

    private final Cases cases;
    private final ReplayStrategy draft;
    private final @Nullable ReplayStrategy baseline;
    private final List<GroupingAttribute> measures;
    private final Customers customers;
    private final Tally tally;
    private final Pacing pacing;

    /** @param baseline null: cases are compared with what was recorded */
    CaseReplay(Cases cases, ReplayStrategy draft, @Nullable ReplayStrategy baseline, List<GroupingAttribute> measures,
            Customers customers,
            Tally tally, Pacing pacing) {
        this.cases = cases;
        this.draft = draft;
        this.baseline = baseline;
        this.measures = measures;
        this.customers = customers;
        this.tally = tally;
        this.pacing = pacing;
    }

    /** What the draft declares as protected, and what else groups are asked for. */
    static List<GroupingAttribute> measures(ReplayStrategy draft, List<String> groupBy) {
        var measures = new ArrayList<GroupingAttribute>();
        for (Attribute attribute : draft.strategy().inputs()) {
            if (attribute.protection() != null) {
                measures.add(new GroupingAttribute(attribute.source(), attribute.name(), attribute, true));
            }
        }
        for (String reference : groupBy) {
            int dot = reference.indexOf('.');
            measures.add(new GroupingAttribute(reference.substring(0, dot), reference.substring(dot + 1),
                    draft.strategy().inputs().stream().filter(one -> one.reference().equals(reference)).findFirst()
                            .orElse(null),
                    false));
        }
        return measures;
    }

    /** Hears how far it is, and says whether to go on. */
    interface Progress {

        /**
         * @param total about; null if it is not known yet
         * @return whether to go on
         */
        boolean done(long done, @Nullable Long total);
    }

    /** @return null if it was not to go on */
    @Nullable
    SimulationReport report(Progress progress) {
        long done = 0;
        int read;
        do {
            pacing.begin();
            Cases.Page page = cases.next();
            add(page);
            pacing.end();
            read = page.read();
            done += read;
            if (!goesOn(progress, done, read == 0 ? Long.valueOf(done) : cases.total())) {
                return null;
            }
        } while (read > 0);
        return tally.report();
    }

    private boolean goesOn(Progress progress, long done, @Nullable Long total) {
        boolean goesOn;
        while ((goesOn = progress.done(done, total)) && !pacing.mayBegin()) {
            LockSupport.parkNanos(PAUSE.toNanos());
        }
        return goesOn;
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

    /** Only to tell groups apart: what a customer is today was not known when it was decided. */
    private Map<String, Customer> profiles(Cases.Page page) {
        Set<String> ids = page.cases().stream()
                .filter(one -> measures.stream().anyMatch(measure -> measure.needsProfile(one.inputs())))
                .map(Case::customer).filter(Objects::nonNull).collect(Collectors.toSet());
        return ids.isEmpty() ? Map.of() : customers.stored(ids).await().atMost(TIMEOUT);
    }

    private void add(Case one, @Nullable Customer profile) {
        ReplayStrategy.ReplayedDecision after = draft.decide(one, profile);
        DecidedOffer before = before(one, profile);
        draft.defaulted(one).forEach(attribute -> tally.defaulted(attribute.reference()));
        tally.add(one.customer(), before, after.given(),
                after.segments() == null ? List.of(Tally.UNKNOWN) : after.segments(),
                measures.stream().map(measure -> measure.value(one.inputs(), profile)).toList());
    }

    private DecidedOffer before(Case one, @Nullable Customer profile) {
        if (baseline == null) {
            return Objects.requireNonNull(one.recorded());
        }
        try {
            return baseline.decide(one, profile).given();
        } catch (UndecidableException e) {
            throw new UndecidableException("baseline: " + e.getMessage());
        }
    }
}
