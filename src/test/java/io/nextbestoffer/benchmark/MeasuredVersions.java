package io.nextbestoffer.benchmark;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;

import org.apache.kafka.common.utils.AppInfoParser;

/** Versions of the measured software. */
final class MeasuredVersions {
    private MeasuredVersions() {
    }

    static String description(BenchmarkInfrastructure infrastructure) {
        return "Service " + commit() + ", Kafka " + AppInfoParser.getVersion() + ", Kafka Streams " + streams()
                + ", Postgres " + infrastructure.postgres().version();
    }

    /** Commit of the sources; changes of the report itself do not count as modifications. */
    private static String commit() {
        String commit = git("rev-parse", "--short=10", "HEAD");
        if (commit.isEmpty()) {
            return "of no known commit";
        }
        return git("status", "--porcelain", "--", ".", ":!docs/benchmarks.md", ":!docs/benchmarks.svg").isEmpty()
                ? commit
                : commit + " with changes";
    }

    private static String git(String... arguments) {
        List<String> command = new ArrayList<>(List.of("git"));
        command.addAll(List.of(arguments));
        try {
            Process process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
            try (InputStream out = process.getInputStream()) {
                String text = new String(out.readAllBytes(), StandardCharsets.UTF_8).strip();
                return process.waitFor() == 0 ? text : "";
            }
        } catch (IOException e) {
            return ""; // not a Git repository
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "";
        }
    }

    private static String streams() {
        Properties version = new Properties();
        try (InputStream in = MeasuredVersions.class.getResourceAsStream("/kafka/kafka-streams-version.properties")) {
            version.load(in);
            return version.getProperty("version");
        } catch (IOException | NullPointerException e) {
            return "of no known version";
        }
    }
}
