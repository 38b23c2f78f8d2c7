package io.nextbestoffer.benchmark;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A table of the contestants: the median of each and, in small print, each round; then the ratios to the first one. */
final class ComparisonTable {
    private static final String NOTHING = "–";

    private final MarkdownTable table;
    private final int contestants;
    private final boolean hasBaseline;

    /**
     * @param names names of the contestants; the first one is compared with each of the others
     * @param baseline head of a last column; empty = none
     */
    ComparisonTable(List<String> names, String baseline) {
        contestants = names.size();
        hasBaseline = !baseline.isEmpty();
        List<String> heads = new ArrayList<>(List.of(""));
        heads.addAll(names);
        names.stream().skip(1).forEach(name -> heads.add(names.get(0) + " : " + name));
        if (hasBaseline) {
            heads.add(baseline);
        }
        table = new MarkdownTable(heads.toArray(String[]::new));
    }

    /** Adds a row with ratios. */
    ComparisonTable compared(String what, List<double[]> each, double... baseline) {
        return row(what, each, true, baseline);
    }

    /** Adds a row without ratios. */
    ComparisonTable alone(String what, List<double[]> each, double... baseline) {
        return row(what, each, false, baseline);
    }

    private ComparisonTable row(String what, List<double[]> each, boolean ratios, double... baseline) {
        List<String> cells = new ArrayList<>(List.of(what));
        each.forEach(rounds -> cells.add(cell(rounds)));
        for (int other = 1; other < contestants; other++) {
            cells.add(ratios ? ratio(each.get(0), each.get(other)) : "");
        }
        if (hasBaseline) {
            cells.add(cell(baseline));
        }
        table.row(cells.toArray(String[]::new));
        return this;
    }

    private static String cell(double[] rounds) {
        return switch (rounds.length) {
            case 0 -> NOTHING;
            case 1 -> MarkdownTable.middle(rounds);
            default -> MarkdownTable.middle(rounds) + "<br>" + MarkdownTable.each(rounds);
        };
    }

    private static String ratio(double[] ours, double[] theirs) {
        if (ours.length == 0 || theirs.length == 0 || MarkdownTable.median(theirs) == 0) {
            return NOTHING;
        }
        return String.format(Locale.ROOT, "**%.2f**", MarkdownTable.median(ours) / MarkdownTable.median(theirs));
    }

    @Override
    public String toString() {
        return table.toString();
    }
}
