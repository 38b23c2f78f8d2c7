package io.nextbestoffer.benchmark;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import io.nextbestoffer.sandbox.DirectoryCleaner;

/** Looks up latest offers of random customers in a closed loop with <a href="https://github.com/wg/wrk">wrk</a>. */
final class WrkLoad {
    private static final int CONNECTIONS = 64;
    private static final String SCRIPT = "look-up.lua";

    /**
     * @param p50 milliseconds, like the other percentiles
     * @param report output of wrk
     */
    record Measured(double perSecond, double p50, double p99, double max, long requests, String report) {
    }

    private WrkLoad() {
    }

    static boolean isInstalled() {
        String path = System.getenv("PATH");
        return path != null && List.of(path.split(":")).stream()
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, "wrk")));
    }

    /** @throws IllegalStateException if any request failed or got a status other than 2xx */
    static Measured run(BenchmarkInfrastructure infrastructure, int port, int customers, int seconds) {
        try (Run run = infrastructure.start(() -> start(infrastructure, port, customers, seconds));
                InputStream out = run.process.getInputStream()) {
            String report = new String(out.readAllBytes(), StandardCharsets.UTF_8);
            int status = run.process.waitFor();
            infrastructure.remove(run);
            if (status != 0) {
                throw new IllegalStateException("wrk ended with " + status + ":\n" + report);
            }
            return read(report);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    /** Reads the result line that the script prints. */
    static Measured read(String report) {
        Map<String, Long> values = new HashMap<>();
        for (String line : report.lines().toList()) {
            if (line.startsWith("result ")) {
                for (String pair : line.substring("result ".length()).split(" ")) {
                    int equals = pair.indexOf('=');
                    values.put(pair.substring(0, equals), Long.parseLong(pair.substring(equals + 1)));
                }
            }
        }
        if (values.isEmpty()) {
            throw new IllegalStateException("wrk printed no result:\n" + report);
        }
        long requests = values.get("requests");
        if (requests == 0 || values.get("failed") + values.get("not_2xx") > 0) {
            throw new IllegalStateException("look-ups failed, or had a status other than 2xx:\n" + report);
        }
        return new Measured(requests * 1e6 / values.get("duration_us"), values.get("p50_us") / 1e3,
                values.get("p99_us") / 1e3, values.get("max_us") / 1e3, requests, report);
    }

    private static Run start(BenchmarkInfrastructure infrastructure, int port, int customers, int seconds) {
        List<String> command = List.of("wrk", "-t1", "-c" + CONNECTIONS, "-d" + seconds + "s", "--latency", "--timeout",
                "30s", "-s", infrastructure.logs().resolve(SCRIPT).toString(), "http://127.0.0.1:" + port, "--",
                Integer.toString(customers));
        try (InputStream script = WrkLoad.class.getResourceAsStream("/benchmark/" + SCRIPT)) {
            Path file = DirectoryCleaner.create(infrastructure.logs()).resolve(SCRIPT);
            if (!Files.exists(file)) {
                Files.copy(script, file);
            }
            return new Run(new ProcessBuilder(command).redirectErrorStream(true).start());
        } catch (IOException e) {
            throw new UncheckedIOException("could not start wrk", e);
        }
    }

    private record Run(Process process) implements AutoCloseable {

        @Override
        public void close() {
            process.destroy();
            try {
                if (!process.waitFor(2, TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                process.destroyForcibly();
            }
        }
    }
}
