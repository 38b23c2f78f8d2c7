package io.nextbestoffer.benchmark;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;

import org.junit.jupiter.api.Test;

import io.nextbestoffer.benchmark.BenchmarkSettings.Suite;

class BenchmarkReportTest {

    @Test
    void writesTheFirstSection() {
        assertThat(BenchmarkReport.update("", Map.of(Suite.REST, "## Look-ups\n\nfast\n"))).startsWith("# Benchmarks\n")
                .endsWith("\n<!-- begin rest -->\n\n## Look-ups\n\nfast\n\n<!-- end rest -->\n");
    }

    @Test
    void keepsOtherSections() {
        String before = BenchmarkReport.update("", Map.of(Suite.REST, "old look-ups", Suite.GROWTH, "old growth"));

        String after = BenchmarkReport.update(before, Map.of(Suite.REST, "new look-ups"));

        assertThat(after).contains("new look-ups", "old growth").doesNotContain("old look-ups");
        assertThat(BenchmarkReport.update(after, Map.of(Suite.COMPARE, "compared"))).containsSubsequence("compared",
                "new look-ups", "old growth");
    }

    @Test
    void isIdempotent() {
        String text = BenchmarkReport.update("", Map.of(Suite.REST, "a", Suite.COMPARE, "b"));

        assertThat(BenchmarkReport.update(text, Map.of())).isEqualTo(text);
    }

    @Test
    void replacesTextOutsideTheSections() {
        assertThat(BenchmarkReport.update("something else", Map.of())).doesNotContain("something else");
    }
}
