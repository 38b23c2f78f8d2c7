package io.nextbestoffer.benchmark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class WrkLoadTest {
    private static final String REPORT = """
            Running 2s test @ http://127.0.0.1:8080
            Requests/sec:   1386.12
            result requests=3000 duration_us=2000000 p50_us=1861 p99_us=145993 max_us=160454 failed=0 not_2xx=0
            """;

    @Test
    void readsTheOutputOfTheScript() {
        assertThat(WrkLoad.read(REPORT)).isEqualTo(new WrkLoad.Measured(1500, 1.861, 145.993, 160.454, 3000, REPORT));
    }

    @Test
    void rejectsAStatusOtherThan2xx() {
        assertThatThrownBy(() -> WrkLoad.read(REPORT.replace("not_2xx=0", "not_2xx=1")))
                .hasMessageContaining("not_2xx=1");
    }

    @Test
    void rejectsRequestsWithoutResponse() {
        assertThatThrownBy(() -> WrkLoad.read(REPORT.replace("failed=0", "failed=2"))).hasMessageContaining("failed=2");
    }

    @Test
    void rejectsRunsWithoutRequests() {
        assertThatThrownBy(() -> WrkLoad.read(REPORT.replace("requests=3000", "requests=0")));
    }

    @Test
    void rejectsOutputWithoutResult() {
        assertThatThrownBy(() -> WrkLoad.read("unable to connect")).hasMessageContaining("unable to connect");
    }
}
