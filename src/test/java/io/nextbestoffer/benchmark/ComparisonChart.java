package io.nextbestoffer.benchmark;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A bar chart as SVG: one bar per contestant in each group, for the median of all rounds, and below it a thin line from
 * the least to the greatest of them. Its background is transparent, and its colours are readable on white and on black:
 * the colour scheme that a browser reports to an image may differ from that of the page.
 */
final class ComparisonChart {
    private static final int WIDTH = 800;
    private static final int MARGIN = 8;
    private static final int LEFT = 170;
    private static final int BARS = 520;
    private static final int BAR = 14;
    private static final int BAR_GAP = 6;
    private static final int GROUP_GAP = 14;
    private static final int LINE = 20;
    private static final int PANEL_GAP = 30;
    /** Least value of a logarithmic scale. */
    private static final double LEAST = 1;

    private static final String STYLE = """
            <style>
            text { font: 13px system-ui, sans-serif; fill: #6e7781; }
            .title { font-weight: 600; }
            .small { font-size: 11px; }
            .grid { stroke: #8c959f; stroke-opacity: .35; }
            .range { stroke: #6e7781; stroke-width: 2; }
            .c0 { fill: #2f81f7; } .c1 { fill: #d9822b; } .c2 { fill: #57a55a; }
            </style>
            """;

    private final List<String> names;
    private final StringBuilder body = new StringBuilder();
    private int y = 10;

    /** @param names names of the contestants, at most three */
    ComparisonChart(List<String> names) {
        this.names = names;
    }

    /**
     * Adds a panel with a linear scale.
     *
     * @param groups for each group the rounds of each contestant
     */
    void linear(String title, Map<String, List<double[]>> groups) {
        double greatest = greatest(groups);
        double step = step(greatest);
        List<Double> grid = new ArrayList<>();
        for (double value = 0; value <= greatest; value += step) {
            grid.add(value);
        }
        panel(title, groups, grid, value -> greatest == 0 ? 0 : value / greatest);
    }

    /** Adds a panel with a logarithmic scale that begins with 1. */
    void logarithmic(String title, Map<String, List<double[]>> groups) {
        double decades = Math.max(1, Math.ceil(Math.log10(greatest(groups) / LEAST)));
        List<Double> grid = new ArrayList<>();
        for (int decade = 0; decade <= decades; decade++) {
            grid.add(LEAST * Math.pow(10, decade));
        }
        panel(title, groups, grid, value -> Math.log10(Math.max(value, LEAST) / LEAST) / decades);
    }

    private interface Scale {
        /** Returns the share of the width, from 0 to 1. */
        double share(double value);
    }

    private void panel(String title, Map<String, List<double[]>> groups, List<Double> grid, Scale scale) {
        heading("title", title);
        int top = y + 6;
        int height = groups.values().stream().mapToInt(this::height).sum();
        for (double value : grid) {
            int x = x(scale, value);
            body.append(String.format(Locale.ROOT,
                    "<line class=\"grid\" x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>\n", x, top, x, top + height));
        }
        y = top;
        groups.forEach((group, each) -> group(group, each, scale));
        for (double value : grid) {
            label(x(scale, value), y + LINE - 6, "small", String.format(Locale.ROOT, "%,.0f", value), "middle");
        }
        y += LINE + PANEL_GAP;
    }

    private void group(String group, List<double[]> each, Scale scale) {
        heading("", group);
        y += 4;
        for (int i = 0; i < each.size(); i++) {
            if (each.get(i).length > 0) {
                bar(i, each.get(i), scale);
            }
        }
        y += GROUP_GAP - 4;
    }

    private void bar(int contestant, double[] rounds, Scale scale) {
        double median = MarkdownTable.median(rounds);
        double least = Arrays.stream(rounds).min().orElseThrow();
        double most = Arrays.stream(rounds).max().orElseThrow();
        int baseline = y + BAR - 3;
        label(LEFT - 8, baseline, "", names.get(contestant), "end");
        body.append(String.format(Locale.ROOT,
                "<rect class=\"c%d\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"2\"/>\n", contestant, LEFT, y,
                Math.max(1, x(scale, median) - LEFT), BAR));
        if (most > least) {
            body.append(String.format(Locale.ROOT,
                    "<line class=\"range\" x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>\n", x(scale, least), y + BAR + 2,
                    x(scale, most), y + BAR + 2));
        }
        label(x(scale, most) + 6, baseline, "", MarkdownTable.number(median), "start");
        y += BAR + BAR_GAP;
    }

    private int height(List<double[]> group) {
        int bars = (int) group.stream().filter(rounds -> rounds.length > 0).count();
        return LINE + bars * (BAR + BAR_GAP) + GROUP_GAP;
    }

    private static int x(Scale scale, double value) {
        return LEFT + (int) Math.round(BARS * scale.share(value));
    }

    private void heading(String style, String text) {
        y += LINE;
        label(MARGIN, y - 5, style, text, "start");
    }

    private void label(int x, int baseline, String style, String text, String anchor) {
        body.append(String.format(Locale.ROOT, "<text%s x=\"%d\" y=\"%d\" text-anchor=\"%s\">%s</text>\n",
                style.isEmpty() ? "" : " class=\"" + style + "\"", x, baseline, anchor, escaped(text)));
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }

    private static double greatest(Map<String, List<double[]>> groups) {
        return groups.values().stream().flatMap(List::stream).flatMapToDouble(Arrays::stream).max().orElse(0);
    }

    /** A distance of grid lines, of which there are three to six. */
    private static double step(double greatest) {
        if (greatest <= 0) {
            return 1;
        }
        double power = Math.pow(10, Math.floor(Math.log10(greatest)));
        double digit = greatest / power;
        return digit < 2 ? power / 2 : digit < 5 ? power : power * 2;
    }

    /** The file. */
    @Override
    public String toString() {
        return String.format(Locale.ROOT, """
                <svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" role="img">
                <title>Throughput and p99 of %s</title>
                """, WIDTH, y, WIDTH, y, escaped(String.join(", ", names))) + STYLE + body + "</svg>\n";
    }
}
