package io.nextbestoffer.benchmark;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;

import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

class CompareResultsTest {
    private static final List<String> NAMES = List.of("service", "Kafka Streams", "plain consumer");

    @Test
    void reportsEveryMeasurement() {
        CompareResults results = measured("60");

        assertThat(results.text()).contains(
                "| activities/s, whole run | 50,000 | 25,000 | 100,000 | **2.00** | **0.50** |",
                "| activities/s, second half | 60,000 | 30,000 | 120,000 | **2.00** | **0.50** |",
                "| caught up after, s | 1.50 | – | – |  |  |",
                "| activities/s until caught up | 47,100 | 25,000 | 100,000 | **1.88** | **0.47** |",
                "| activities per CPU-second of the process | 100,000 | 100,000 | 100,000 | **1.00** | **1.00** |",
                "| … with broker and Postgres | 50,000 | 50,000 | 50,000 | **1.00** | **1.00** |",
                "| CPU-seconds of the process | 12.0 | 12.0 | 12.0 |  |  |",
                "| … of the broker | 8.00 | 8.00 | 8.00 |  |  |", "| … of Postgres | 4.00 | 4.00 | 4.00 |  |  |",
                "| peak memory, MB | 512 | 512 | 512 | **1.00** | **1.00** |",
                "| 2,000/s, p99, ms | 20.0 | 100 | 10.0 | **0.20** | **2.00** | 4.00 |",
                "| 10,000/s, p99.9, ms | 20.0 | 100 | 10.0 | **0.20** | **2.00** | 4.00 |",
                "| 10,000/s, p99, ms | 40.0 | 200 | 20.0 | **0.20** | **2.00** |", "in the first 60 s",
                "![Throughput and p99 of the three contestants](benchmarks.svg)");
    }

    @Test
    void drawsThroughputAndLatency() {
        assertThat(measured("60").chart()).contains(">activities/s (more is better)<", ">50,000<", ">at 2,000/s<",
                ">at 10,000/s<", ">at 10,000/s, just started<", ">service<", ">Kafka Streams<", ">plain consumer<");
    }

    @Test
    void omitsWhatWasNotMeasured() {
        assertThat(measured("0").text()).contains("at a steady rate").doesNotContain("Just after the start");
        assertThat(measured("0").chart()).contains(">at 2,000/s<").doesNotContain("just started");
    }

    @Test
    void rotatesTheOrderOfTheContestants() {
        assertThat(CompareSuite.order(NAMES, 1)).isEqualTo(NAMES);
        assertThat(CompareSuite.order(NAMES, 2)).containsExactly("Kafka Streams", "plain consumer", "service");
        assertThat(CompareSuite.order(NAMES, 3)).containsExactly("plain consumer", "service", "Kafka Streams");
        assertThat(CompareSuite.order(NAMES, 4)).isEqualTo(NAMES);
    }

    private static CompareResults measured(String freshSeconds) {
        Properties properties = new Properties();
        properties.setProperty("benchmark.rounds", "1");
        properties.setProperty("benchmark.fresh.seconds", freshSeconds);
        CompareResults results = new CompareResults(BenchmarkSettings.from(properties), NAMES);
        double[] speed = {50_000, 25_000, 100_000};
        double[] millis = {20, 100, 10};
        for (int i = 0; i < speed.length; i++) {
            results.addThroughput(NAMES.get(i), new ThroughputMeasurement(1_200_000, speed[i], speed[i] * 1.2,
                    new CpuSeconds(12, 8, 4), i == 0 ? 1.5 : 0, List.of(512L << 20)));
            results.addSteady(NAMES.get(i), latencies(millis[i]));
            if (!freshSeconds.equals("0")) {
                results.addFresh(NAMES.get(i), latencies(2 * millis[i]));
            }
        }
        results.addWithoutContestant(latencies(4));
        return results;
    }

    private static Map<Integer, OpenLoopLoad.Measured> latencies(double millis) {
        Histogram nanos = new Histogram(3);
        nanos.recordValue((long) (millis * 1e6));
        var measured = new LinkedHashMap<Integer, OpenLoopLoad.Measured>();
        measured.put(2000, new OpenLoopLoad.Measured(nanos, nanos, nanos, 0));
        measured.put(10_000, new OpenLoopLoad.Measured(nanos, nanos, nanos, 0));
        return measured;
    }
}
