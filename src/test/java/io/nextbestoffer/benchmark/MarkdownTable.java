package io.nextbestoffer.benchmark;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** A table in Markdown with numbers rounded to significant digits. */
final class MarkdownTable {
    private final StringBuilder text = new StringBuilder();

    MarkdownTable(String... heads) {
        row(heads);
        text.append("| --- ").append("| ---: ".repeat(heads.length - 1)).append("|\n");
    }

    MarkdownTable row(String... cells) {
        text.append("| ").append(String.join(" | ", cells)).append(" |\n");
        return this;
    }

    /** Rounds to three significant digits. */
    static String number(double value) {
        if (value >= 1000) {
            return String.format(Locale.ROOT, "%,.0f", BigDecimal.valueOf(value).round(new MathContext(3)));
        }
        return String.format(Locale.ROOT, value >= 99.95 ? "%.0f" : value >= 9.995 ? "%.1f" : "%.2f", value);
    }

    /** The median of all rounds. */
    static String middle(double[] rounds) {
        return number(median(rounds));
    }

    /** The values of all rounds, in small print. */
    static String each(double[] rounds) {
        return "<sub>" + Arrays.stream(rounds).mapToObj(MarkdownTable::number).collect(Collectors.joining(" · "))
                + "</sub>";
    }

    static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int half = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
