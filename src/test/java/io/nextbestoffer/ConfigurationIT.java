package io.nextbestoffer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalInt;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import io.nextbestoffer.sandbox.ServiceProcess;

/** Starts the packaged service with invalid configurations; it must exit before it connects to a broker or database. */
class ConfigurationIT {

    private static final String PASSWORD = "open-sesame";

    @TempDir
    Path directory;

    private String startAndFail(Map<String, String> properties, Map<String, String> environment) throws IOException {
        Path log = directory.resolve("service.log");
        try (var service = ServiceProcess.start("256m", properties, environment, log)) {
            await().atMost(Duration.ofSeconds(40)).until(() -> service.exitCode().isPresent());
            assertThat(service.exitCode()).isNotEqualTo(OptionalInt.of(0));
        }
        String text = Files.readString(log);
        assertThat(text).doesNotContain(PASSWORD).doesNotContain("Connection refused");
        return text;
    }

    @Test
    void rejectsInvalidValues() throws IOException {
        String text = startAndFail(Map.of("nbo.stream.batch.records", "0", "nbo.parking.poll", "soon"),
                Map.of("QUARKUS_DATASOURCE_PASSWORD", PASSWORD));

        assertThat(text).contains("nbo.stream.batch.records must be greater than or equal to 1", "nbo.parking.poll");
    }

    @Test
    void rejectsUnknownProperties() throws IOException {
        String text = startAndFail(Map.of("nbo.topcs.offers", "offers"), Map.of("QUARKUS_DATASOURCE_PASSWORD", PASSWORD,
                "NBO_PARKING_TIMOUT", "PT1M"));

        assertThat(text).contains("NBO_PARKING_TIMOUT (did you mean NBO_PARKING_TIMEOUT?)",
                "nbo.topcs.offers (did you mean nbo.topics.offers?)");
    }
}
