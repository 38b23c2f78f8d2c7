package io.nextbestoffer.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;

import org.junit.jupiter.api.Test;

import io.nextbestoffer.kubernetes.PromQlMetrics.Selector;

class PromQlMetricsTest {

    @Test
    void findsMetricsWithTheirLabels() {
        assertThat(PromQlMetrics.selectors("""
                histogram_quantile(0.99, sum by (namespace, le) (rate(a_bucket{namespace="$n",kind=~"x.*"}[5m]))) > 2e9
                unless on (pod) max(b_total{step="commit"}) == 0 or absent(up{job="j"}) and vector(0)
                """)).containsExactly(new Selector("a_bucket", Map.of("namespace", "$n")),
                new Selector("b_total", Map.of("step", "commit")), new Selector("up", Map.of("job", "j")));
        assertThat(PromQlMetrics.selectors("60 * (a - b) * c")).extracting(Selector::metric).containsExactly("a", "b",
                "c");
    }
}
