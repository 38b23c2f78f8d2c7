package io.nextbestoffer.benchmark;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;

import org.junit.jupiter.api.Test;

class ComparisonTableTest {

    @Test
    void comparesTheMediansOfTheFirstContestantWithThoseOfTheOthers() {
        var table = new ComparisonTable(List.of("service", "other", "limit"), "baseline");

        table.compared("speed", List.of(new double[]{30, 10, 20}, new double[]{10, 10, 40}, new double[]{40, 50, 30}),
                5);

        assertThat(table).hasToString("""
                |  | service | other | limit | service : other | service : limit | baseline |
                | --- | ---: | ---: | ---: | ---: | ---: | ---: |
                | speed | 20.0<br><sub>30.0 · 10.0 · 20.0</sub> | 10.0<br><sub>10.0 · 10.0 · 40.0</sub> \
                | 40.0<br><sub>40.0 · 50.0 · 30.0</sub> | **2.00** | **0.50** | 5.00 |
                """);
    }

    @Test
    void omitsSmallPrintOfOneRound() {
        var table = new ComparisonTable(List.of("service", "other"), "");

        table.compared("speed", List.of(new double[]{30}, new double[]{10}));

        assertThat(table).asString().endsWith("| speed | 30.0 | 10.0 | **3.00** |\n");
    }

    @Test
    void hasRowsWithoutRatiosAndWithoutValues() {
        var table = new ComparisonTable(List.of("service", "other"), "baseline");

        table.alone("caught up", List.of(new double[]{1}, new double[0]));

        assertThat(table).asString().endsWith("| caught up | 1.00 | – |  | – |\n");
    }

    @Test
    void omitsRatiosToZeroAndToMissingValues() {
        var table = new ComparisonTable(List.of("service", "other", "limit"), "");

        table.compared("speed", List.of(new double[]{1}, new double[]{0}, new double[0]));

        assertThat(table).asString().endsWith("| speed | 1.00 | 0.00 | – | – | – |\n");
    }
}
