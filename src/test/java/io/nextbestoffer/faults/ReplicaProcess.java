package io.nextbestoffer.faults;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import io.nextbestoffer.sandbox.ServiceProcess;

/** A process of the service, and what it said of itself while it ran. */
final class ReplicaProcess {

    /** How far it is; only while it is up, everything must be answered. */
    enum State {
        STARTING, UP, ENDED
    }

    private record Said(long at, boolean ready) {
    }

    private final ServiceProcess process;
    private final Map<String, String> properties;
    private final List<Said> said = new ArrayList<>();
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

    /** As Kubernetes does it: asks it to end. */
    void stop() {
        measure();
        state = State.ENDED;
        process.stop();
    }

    /** Asks for readiness, and remembers the answer. */
    void askReadiness() {
        if (state != State.UP) {
            return;
        }
        boolean ready = process.isReady();
        if (state != State.UP) {
            return; // its end came in between
        }
        synchronized (said) {
            said.add(new Said(System.nanoTime(), ready));
        }
        measure();
    }

    /** How often it said that it is ready since then, from 0 to 1; 0 if it said nothing. */
    double readiness(long since) {
        synchronized (said) {
            return said.stream().filter(one -> one.at() >= since).mapToInt(one -> one.ready() ? 1 : 0).average()
                    .orElse(0);
        }
    }

    /** What it said last. */
    boolean isReady() {
        synchronized (said) {
            return !said.isEmpty() && said.get(said.size() - 1).ready();
        }
    }

    /** The most memory it had, 0 where the system does not tell. */
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
            // It has ended just now, or this is not Linux
        }
    }
}
