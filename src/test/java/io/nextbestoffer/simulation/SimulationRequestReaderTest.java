package io.nextbestoffer.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;

import io.nextbestoffer.attribute.JsonReader;
import io.nextbestoffer.governance.VersionRef;
import io.nextbestoffer.platform.Problems.Violation;
import io.nextbestoffer.simulation.SimulationRequest.Recorded;
import io.nextbestoffer.simulation.SimulationRequest.Samples;
import io.nextbestoffer.simulation.SimulationRequest.Saved;
import io.nextbestoffer.simulation.SimulationRequest.Text;
import io.quarkiverse.resteasy.problem.HttpProblem;

class SimulationRequestReaderTest {

    private static SimulationRequest read(String json) {
        return SimulationRequestReader.read(JsonReader.utf8(json));
    }

    private static List<String> violations(String json) {
        var problem = catchThrowableOfType(HttpProblem.class, () -> read(json));
        assertThat(problem).as(json).isNotNull();
        assertThat(problem.getStatusCode()).isEqualTo(400);
        return ((List<?>) problem.getParameters().get("violations")).stream().map(Violation.class::cast)
                .map(Violation::field).toList();
    }

    @Test
    void readsARequestForRecordedDecisions() {
        var request = read("""
                {"strategy": {"name": "banking", "version": 3}, "days": 7}""");

        assertThat(request.draft()).isEqualTo(new Saved(new VersionRef("banking", 3)));
        assertThat(request.baseline()).isNull();
        assertThat(request.over()).isEqualTo(new Recorded(7, List.of()));
        assertThat(request.minimumGroupSize()).isEqualTo(30);
        assertThat(request.groupBy()).isEmpty();
    }

    @Test
    void readsAllFields() {
        String json = """
                {"strategy":{"document":"strategy: x"},"baseline":{"name":"banking","version":1},"days":365,\
                "strategies":["banking","private-banking"],"minimum_group_size":50,\
                "group_by":["customer.gender","activity.channel"]}""";
        var request = read(json);

        assertThat(request.draft()).isEqualTo(new Text("strategy: x"));
        assertThat(request.baseline()).isEqualTo(new VersionRef("banking", 1));
        assertThat(request.over()).isEqualTo(new Recorded(365, List.of("banking", "private-banking")));
        assertThat(request.minimumGroupSize()).isEqualTo(50);
        assertThat(request.groupBy()).containsExactly("customer.gender", "activity.channel");
        assertThat(request.json()).isEqualTo(json);
    }

    /** Another replica can continue a simulation, because it reads the stored request. */
    @Test
    void readsStoredRequests() {
        var request = read("""
                {"strategy": {"name": "banking", "version": 3}, "days": 7}""");

        assertThat(read(request.json())).isEqualTo(request);
    }

    @Test
    void readsSamplesLikeRecordsAndDoesNotStoreThem() {
        var request = read("""
                {"strategy": {"name": "banking", "version": 3}, "samples": [
                  {"activity": {"P": 0.5, "tags": ["a"]}, "customer": {"Income": 1e3, "x": {"Y": null}}}, {}]}""");

        assertThat(((Samples) request.over()).inputs()).extracting(bytes -> new String(bytes, StandardCharsets.UTF_8))
                .containsExactly("""
                        {"activity":{"p":0.5,"tags":["a"]},"customer":{"income":1000.0,"x":{"Y":null}}}""", "{}");
        assertThat(request.json()).isEqualTo("""
                {"strategy":{"name":"banking","version":3},"samples":2,"minimum_group_size":30,"group_by":[]}""");
    }

    @Test
    void reportsAllViolationsAtOnce() {
        assertThat(violations(
                """
                        {"strategy": {"name": "Banking", "version": 0, "x": 1}, "baseline": [], "days": 366,
                         "strategies": ["a", "a", 7], "minimum_group_size": 0.5,
                         "group_by": ["offer.id", "customer.customer_id"],
                         "more": 1}"""))
                .containsExactlyInAnyOrder("strategy.name", "strategy.version", "strategy.x", "baseline",
                        "days", "strategies[1]", "strategies[2]", "minimum_group_size", "group_by[0]", "group_by[0]",
                        "more");
    }

    @Test
    void rejectsMissingAndExcessiveValues() {
        assertThat(violations("{}")).containsExactly("strategy", "days");
        assertThat(violations("[]")).containsExactly("");
        assertThat(violations("")).containsExactly("");
        assertThat(violations("{\"strategy\":{\"document\":\"\\u0000\"},\"days\":1}")).containsExactly("");
        assertThat(violations("""
                {"strategy": {"document": 1, "name": "x"}, "days": 1, "samples": []}"""))
                .containsExactly("strategy.name", "strategy.document", "days");
        assertThat(violations("""
                {"strategy": {"name": "x", "version": 1}, "samples": [{}], "strategies": ["x"]}"""))
                .containsExactly("strategies");
        assertThat(violations("""
                {"strategy": {"name": "x", "version": 99999999999}, "days": 1,
                 "group_by": ["customer.a", "customer.b", "customer.c", "customer.d", "customer.e", "customer.f"]}"""))
                .containsExactly("strategy.version", "group_by");
        assertThat(violations("""
                {"strategy": {"name": "x", "version": 1}, "days": 1, "minimum_group_size": 1001}"""))
                .containsExactly("minimum_group_size");
    }

    @Test
    void rejectsInvalidSamples() {
        assertThat(violations("""
                {"strategy": {"name": "x", "version": 1}, "samples": [7, {"activity": 1, "customer": {"A": 1, "a": 2}},
                 {"income": 1}]}""")).containsExactlyInAnyOrder("samples[0]", "samples[1].activity",
                "samples[1].customer", "samples[2].income");
        assertThat(violations("{\"strategy\": {\"name\": \"x\", \"version\": 1}, \"samples\": []}"))
                .containsExactly("samples");
        assertThat(violations(samples(10_001, "{}"))).containsExactly("samples");
        assertThat(violations(samples(10_000, "7"))).hasSize(100);
        assertThat(((Samples) read(samples(10_000, "{}")).over()).inputs()).hasSize(10_000);
    }

    private static String samples(int count, String sample) {
        return "{\"strategy\": {\"name\": \"x\", \"version\": 1}, \"samples\": ["
                + IntStream.range(0, count).mapToObj(i -> sample).collect(Collectors.joining(",")) + "]}";
    }
}
