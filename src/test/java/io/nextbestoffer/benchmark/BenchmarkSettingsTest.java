package io.nextbestoffer.benchmark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import java.util.Properties;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import io.nextbestoffer.benchmark.BenchmarkSettings.Suite;

class BenchmarkSettingsTest {

    @Test
    void hasDefaults() {
        BenchmarkSettings settings = BenchmarkSettings.from(new Properties());

        assertThat(settings).isEqualTo(with("suite", "", "activities", " ", "write", ""));
        assertThat(settings.suites()).containsExactly(Suite.COMPARE);
        assertThat(settings.rates()).containsExactly(2000, 10_000);
        assertThat(settings.properties()).isEmpty();
        assertThat(settings.write()).isFalse();
        assertThat(settings.commandLine()).isEqualTo("./mvnw -Pbenchmark");
    }

    @Test
    void readsEverySetting() {
        BenchmarkSettings settings = with("activities", "50000", "customers", "1000", "partitions", "3", "rounds", "1",
                "heap", "1g", "suite", "REST, growth", "rates", "100, 200", "latency.seconds", "0", "fresh.seconds",
                "9", "rest.rate", "7",
                "rest.seconds", "3", "streams.threads", "1", "streams.commit.interval", "10", "properties",
                "nbo.a=1, nbo.b=x=y", "write", "true");

        assertThat(settings.activities()).isEqualTo(50_000);
        assertThat(settings.customers()).isEqualTo(1000);
        assertThat(settings.partitions()).isEqualTo(3);
        assertThat(settings.rounds()).isEqualTo(1);
        assertThat(settings.heap()).isEqualTo("1g");
        assertThat(settings.suites()).containsExactly(Suite.REST, Suite.GROWTH);
        assertThat(settings.rates()).containsExactly(100, 200);
        assertThat(settings.latencySeconds()).isZero();
        assertThat(settings.freshSeconds()).isEqualTo(9);
        assertThat(settings.restRate()).isEqualTo(7);
        assertThat(settings.restSeconds()).isEqualTo(3);
        assertThat(settings.streamsThreads()).isEqualTo(1);
        assertThat(settings.streamsCommitMillis()).isEqualTo(10);
        assertThat(settings.properties()).containsExactly(entry("nbo.a", "1"), entry("nbo.b", "x=y"));
        assertThat(settings.write()).isTrue();
    }

    @Test
    void readsAllAsEverySuite() {
        assertThat(with("suite", "all").suites()).containsExactly(Suite.values());
    }

    @Test
    void reproducesTheCommandLine() {
        assertThat(with("suite", "rest", "rates", "100, 200", "heap", "").commandLine())
                .isEqualTo("./mvnw -Pbenchmark '-Dbenchmark.rates=100, 200' -Dbenchmark.suite=rest");
    }

    @ParameterizedTest
    @CsvSource({"activities,many", "activities,9999", "customers,0", "partitions,-1", "rounds,0", "heap,512",
            "heap,-1m", "suite,fast", "suite,'rest,'", "rates,'100,'", "rates,0", "latency.seconds,1.5",
            "fresh.seconds,-1",
            "rest.rate,0", "rest.seconds,0", "streams.threads,0", "streams.commit.interval,0", "properties,nbo.a",
            "properties,'nbo.a=1,'", "write,yes"})
    void namesInvalidSettings(String name, String value) {
        assertThatThrownBy(() -> with(name, value)).isInstanceOf(BenchmarkSettings.Invalid.class)
                .hasMessageContaining("-Dbenchmark." + name);
    }

    private static BenchmarkSettings with(String... namesAndValues) {
        Properties properties = new Properties();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            properties.setProperty("benchmark." + namesAndValues[i], namesAndValues[i + 1]);
        }
        return BenchmarkSettings.from(properties);
    }
}
