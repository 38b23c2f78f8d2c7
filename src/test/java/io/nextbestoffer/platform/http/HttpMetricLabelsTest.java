package io.nextbestoffer.platform.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;

class HttpMetricLabelsTest {

    @ParameterizedTest
    @CsvSource({"GET, GET", "PATCH, PATCH", "get, OTHER", "ZEBULONIA, OTHER"})
    void replacesUnknownMethods(String method, String label) {
        var registry = new SimpleMeterRegistry();
        registry.config().meterFilter(new HttpMetricLabels());

        registry.timer("http.server.requests", "uri", "/offers", "method", method);

        assertThat(registry.get("http.server.requests").timer().getId().getTag("method")).isEqualTo(label);
        assertThat(registry.get("http.server.requests").timer().getId().getTag("uri")).isEqualTo("/offers");
    }

    @ParameterizedTest
    @CsvSource("nbo.example, wash")
    void keepsOtherMeters(String name, String method) {
        var registry = new SimpleMeterRegistry();
        registry.config().meterFilter(new HttpMetricLabels());

        assertThat(registry.counter(name, "method", method).getId().getTag("method")).isEqualTo(method);
    }
}
