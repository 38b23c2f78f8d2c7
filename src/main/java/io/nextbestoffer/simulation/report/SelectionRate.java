package io.nextbestoffer.simulation.report;

import java.util.Collection;
import java.util.Comparator;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.simulation.report.SimulationReport.Selected;

/** How many of a group's decisions selected an offer. */
record SelectionRate(long selected, long size) {

    double rate() {
        return size == 0 ? 0 : (double) selected / size;
    }

    /** @return null if no group has a selection */
    static @Nullable SelectionRate highest(Collection<SelectionRate> rates) {
        return rates.stream().filter(one -> one.selected > 0).max(Comparator.comparingDouble(SelectionRate::rate))
                .orElse(null);
    }

    /** @param highest null if there is no group to compare with */
    Selected comparedWith(@Nullable SelectionRate highest) {
        return highest == null
                ? new Selected(selected, rate(), null, null)
                : new Selected(selected, rate(), rate() / highest.rate(), isBelowFourFifthsOf(highest));
    }

    /** Compares integers, so that rounding can't turn exactly four fifths into less. */
    private boolean isBelowFourFifthsOf(SelectionRate highest) {
        return 5 * selected * highest.size < 4 * highest.selected * size;
    }
}
