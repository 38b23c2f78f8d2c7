package io.nextbestoffer.kubernetes;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** Finds the metrics in a PromQL expression. */
final class PromQlMetrics {

    private static final Set<String> WORDS = Set.of("by", "without", "and", "or", "unless", "on", "ignoring", "bool",
            "offset", "group_left", "group_right");
    private static final Pattern GROUPING = Pattern.compile("\\b(by|without|on|ignoring)\\s*\\([^)]*\\)");
    private static final Pattern RANGE = Pattern.compile("\\[[^]]*]");
    private static final Pattern METRIC = Pattern
            .compile("(?<![\\w.])(?<name>[a-zA-Z_:][\\w:]*)(?!\\w)(?<call>\\s*\\()?(?:\\{(?<labels>[^}]*)})?");
    private static final Pattern LABEL = Pattern.compile("(?<label>\\w+)=\"(?<value>[^\"]*)\"");

    private PromQlMetrics() {
    }

    /** @param labels labels that are compared for equality; other conditions are omitted */
    record Selector(String metric, Map<String, String> labels) {
    }

    static List<Selector> selectors(String expression) {
        var metric = METRIC.matcher(RANGE.matcher(GROUPING.matcher(expression).replaceAll("")).replaceAll(""));
        List<Selector> selectors = new ArrayList<>();
        while (metric.find()) {
            if (metric.group("call") == null && !WORDS.contains(metric.group("name"))) {
                var labels = new HashMap<String, String>();
                var label = LABEL.matcher(metric.group("labels") == null ? "" : metric.group("labels"));
                while (label.find()) {
                    labels.put(label.group("label"), label.group("value"));
                }
                selectors.add(new Selector(metric.group("name"), labels));
            }
        }
        return selectors;
    }
}
