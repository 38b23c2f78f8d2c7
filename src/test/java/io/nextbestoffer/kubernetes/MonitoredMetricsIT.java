package io.nextbestoffer.kubernetes;

import static io.restassured.RestAssured.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

import org.junit.jupiter.api.Test;

import com.fasterxml.jackson.databind.JsonNode;

import io.nextbestoffer.kubernetes.PromQlMetrics.Selector;
import io.nextbestoffer.sandbox.SandboxResource;
import io.nextbestoffer.sandbox.SandboxResource.FromSandbox;
import io.nextbestoffer.sandbox.SandboxResource.Management;
import io.nextbestoffer.sandbox.SandboxTopics;
import io.nextbestoffer.sandbox.TestTraffic;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusIntegrationTest;

/** Checks that the running service has every metric that an alert or the dashboard queries, with the same labels. */
@QuarkusIntegrationTest
@WithTestResource(SandboxResource.class)
class MonitoredMetricsIT {

    private static final Path MONITORING = Manifests.DEPLOY.resolve("kubernetes/components/monitoring");
    /** Labels that Prometheus adds to scraped metrics. */
    private static final Set<String> OF_PROMETHEUS = Set.of("namespace", "pod", "job");
    /** Metrics of prometheus-community/postgres_exporter, from its collector/pg_replication_slot.go. */
    private static final Set<String> OF_POSTGRES_EXPORTER = Set.of("pg_replication_slot_slot_current_wal_lsn",
            "pg_replication_slot_slot_confirmed_flush_lsn", "pg_replication_slot_slot_is_active",
            "pg_replication_slot_safe_wal_size_bytes", "pg_replication_slot_wal_status");
    private static final Pattern SAMPLE = Pattern.compile("(?m)^(?<name>[a-zA-Z_:][\\w:]*)(?:\\{(?<labels>.*)})? \\S+");
    private static final Pattern LABEL = Pattern.compile("(?<label>\\w+)=\"(?<value>(?:[^\"\\\\]|\\\\.)*)\"");

    @FromSandbox
    Management management;

    @FromSandbox
    TestTraffic traffic;

    @Test
    void hasEveryMonitoredMetric() {
        List<Selector> monitored = monitored();
        assertThat(monitored).hasSizeGreaterThan(25);
        traffic.send(SandboxTopics.CUSTOMERS, "880001", "{\"customer_id\": 880001, \"income\": 1, \"fico\": 1}");
        traffic.awaitOffer(traffic.activity(880_001, 1, "web_open", 0.2));
        await().untilAsserted(() -> get("/customers/880001/offer").then().statusCode(200));

        await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
            List<Selector> samples = samples();
            assertThat(monitored).allSatisfy(selector -> assertThat(samples).as("%s", selector)
                    .anySatisfy(sample -> {
                        assertThat(sample.metric()).isEqualTo(selector.metric());
                        assertThat(sample.labels()).containsAllEntriesOf(selector.labels());
                    }));
        });
    }

    /** Checks the age of the oldest parked activity. */
    @Test
    void reportsParkedActivities() {
        traffic.activity(880_002, 1, "web_open", 0.2);
        await().atMost(Duration.ofSeconds(15)).until(() -> value("nbo_parked_oldest_seconds") > 1);

        traffic.send(SandboxTopics.CUSTOMERS, "880002", "{\"customer_id\": 880002, \"income\": 1, \"fico\": 1}");
    }

    private static List<Selector> monitored() {
        List<Selector> selectors = new ArrayList<>();
        JsonNode dashboard = Manifests.read(MONITORING.resolve("next-best-offer.json")).get(0);
        dashboard.findValuesAsText("expr").forEach(expression -> selectors.addAll(PromQlMetrics.selectors(expression)));
        for (String rules : List.of("rules.yaml", "cdc-rules.yaml")) {
            Manifests.read(MONITORING.resolve(rules)).get(0).findValuesAsText("expr")
                    .forEach(expression -> selectors.addAll(PromQlMetrics.selectors(expression)));
        }
        return selectors.stream()
                .filter(one -> !one.metric().equals("up") && !OF_POSTGRES_EXPORTER.contains(one.metric()))
                .map(one -> {
                    var labels = new HashMap<>(one.labels());
                    labels.keySet().removeAll(OF_PROMETHEUS);
                    return new Selector(one.metric(), labels);
                }).distinct().toList();
    }

    private double value(String metric) {
        var sample = Pattern.compile("(?m)^" + metric + " (\\S+)$").matcher(scrape());
        return sample.find() ? Double.parseDouble(sample.group(1)) : Double.NaN;
    }

    private String scrape() {
        return get(management.uri() + "/q/metrics").then().statusCode(200).extract().asString();
    }

    private List<Selector> samples() {
        List<Selector> samples = new ArrayList<>();
        var sample = SAMPLE.matcher(scrape());
        while (sample.find()) {
            Map<String, String> labels = new HashMap<>();
            var label = LABEL.matcher(sample.group("labels") == null ? "" : sample.group("labels"));
            while (label.find()) {
                labels.put(label.group("label"), label.group("value"));
            }
            samples.add(new Selector(sample.group("name"), labels));
        }
        return samples;
    }
}
