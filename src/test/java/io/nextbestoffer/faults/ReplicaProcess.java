package io.nextbestoffer.faults;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import com.fasterxml.jackson.databind.JsonNode;

import io.nextbestoffer.sandbox.ServiceProcess;
import io.nextbestoffer.sandbox.TestTraffic;

/** A process of the service, with the history of its readiness checks. */
final class ReplicaProcess {

    /** State of a replica. Only a replica that is up must answer every look-up. */
    enum State {
        STARTING, UP, ENDED
    }

    private static final HttpClient HTTP = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private record ReadinessCheck(long at, boolean ready) {
    }

    private final ServiceProcess process;
    private final Map<String, String> properties;
    private final List<ReadinessCheck> checks = new ArrayList<>();
    private volatile State state = State.STARTING;
    private volatile long peakKilobytes;

    ReplicaProcess(ServiceProcess process, Map<String, String> properties) {
        this.process = process;
        this.properties = Map.copyOf(properties);
    }

    boolean wasStartedWith(Map<String, String> others) {
        return properties.equals(others);
    }

    State state() {
        return state;
    }

    int httpPort() {
        return process.httpPort();
    }

    boolean isAlive() {
        return process.exitCode().isEmpty();
    }

    String logTail() {
        return process.logTail();
    }

    void awaitReady(Duration limit) {
        process.awaitReady(limit);
        state = State.UP;
    }

    void kill() {
        measure();
        state = State.ENDED;
        process.kill();
    }

    /** Sends SIGTERM, as Kubernetes does. */
    void stop() {
        measure();
        state = State.ENDED;
        process.stop();
    }

    /** The answers of all readiness checks. */
    JsonNode readinessChecks() throws IOException, InterruptedException {
        return TestTraffic.json(management("/q/health/ready").getBytes(StandardCharsets.UTF_8)).path("checks");
    }

    /** The value of a metric without labels. */
    double metric(String name) throws IOException, InterruptedException {
        return management("/q/metrics").lines().filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length()))).findFirst()
                .orElseThrow(() -> new AssertionError("no metric " + name));
    }

    private String management(String path) throws IOException, InterruptedException {
        URI uri = URI.create("http://127.0.0.1:" + process.managementPort() + path);
        return HTTP.send(HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(5)).build(),
                HttpResponse.BodyHandlers.ofString()).body();
    }

    /** Checks whether the replica is ready, and records the answer. */
    void checkReadiness() {
        if (state != State.UP) {
            return;
        }
        boolean ready = process.isReady();
        if (state != State.UP) {
            return; // the process ended in the meantime
        }
        synchronized (checks) {
            checks.add(new ReadinessCheck(System.nanoTime(), ready));
        }
        measure();
    }

    /** Share of the checks since the given time in which the replica was ready, from 0 to 1; 0 without any check. */
    double readiness(long since) {
        synchronized (checks) {
            return checks.stream().filter(one -> one.at() >= since).mapToInt(one -> one.ready() ? 1 : 0).average()
                    .orElse(0);
        }
    }

    /** Answer of the last check. */
    boolean isReady() {
        synchronized (checks) {
            return !checks.isEmpty() && checks.get(checks.size() - 1).ready();
        }
    }

    /** Peak of its memory in MiB, or 0 where the system does not report it. */
    long peakMegabytes() {
        return peakKilobytes >> 10;
    }

    private void measure() {
        Path status = Path.of("/proc", Long.toString(process.pid()), "status");
        try (var lines = Files.lines(status)) {
            Optional<String> peak = lines.filter(line -> line.startsWith("VmHWM:")).findFirst();
            peak.ifPresent(line -> peakKilobytes = Math.max(peakKilobytes,
                    Long.parseLong(line.replaceAll("[^0-9]", ""))));
        } catch (IOException | java.io.UncheckedIOException e) {
            // The process has just ended, or this is not Linux.
        }
    }
}
