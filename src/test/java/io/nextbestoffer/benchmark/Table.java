package io.nextbestoffer.benchmark;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** Markdown that compares two: medians, their ratio, and each round. */
final class Table {
    private final StringBuilder text = new StringBuilder();

    Table(String... heads) {
        text.append("| ").append(String.join(" | ", heads)).append(" |\n");
        text.append("| --- ").append("| ---: ".repeat(heads.length - 1)).append("|\n");
    }

    Table row(String what, String format, double[] first, double[] second) {
        double one = median(first);
        double other = median(second);
        text.append(String.format(Locale.ROOT, "| %s | %s | %s | **%.2f** | %s | %s |\n", what,
                String.format(Locale.ROOT, format, one), String.format(Locale.ROOT, format, other), one / other,
                each(format, first), each(format, second)));
        return this;
    }

    static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int half = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    }

    private static String each(String format, double[] values) {
        return "<sub>" + Arrays.stream(values).mapToObj(value -> String.format(Locale.ROOT, format, value))
                .collect(Collectors.joining(" · ")) + "</sub>";
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
