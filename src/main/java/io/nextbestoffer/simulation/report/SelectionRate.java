package io.nextbestoffer.simulation.report;

import java.util.Collection;
import java.util.Comparator;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.simulation.report.SimulationReport.Selected;

/** How many of a group were selected. */
record SelectionRate(long selected, long size) {

    double rate() {
        return size == 0 ? 0 : (double) selected / size;
    }

    /** @return null if nobody of any was selected */
    static @Nullable SelectionRate highest(Collection<SelectionRate> rates) {
        return rates.stream().filter(one -> one.selected > 0).max(Comparator.comparingDouble(SelectionRate::rate))
                .orElse(null);
    }

    /** @param highest null if there is nothing to compare with */
    Selected comparedWith(@Nullable SelectionRate highest) {
        return highest == null
                ? new Selected(selected, rate(), null, null)
                : new Selected(selected, rate(), rate() / highest.rate(), isBelowFourFifthsOf(highest));
    }

    /** In whole numbers: four fifths sharp is not below, and no rounding makes it so. */
    private boolean isBelowFourFifthsOf(SelectionRate highest) {
        return 5 * selected * highest.size < 4 * highest.selected * size;
    }
}
