package io.nextbestoffer.benchmark;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

import io.nextbestoffer.benchmark.BenchmarkSettings.Suite;

/** Writes docs/benchmarks.md: an introduction, and the last results of each suite. */
final class BenchmarkReport {
    private static final String INTRODUCTION = """
            # Benchmarks

            <!-- Written by ./mvnw -Pbenchmark -Dbenchmark.write=true: change the text in benchmark/*.java. -->

            Throughput, latency, CPU and memory of the service, for capacity planning. Measure it on your own \
            machine with `./mvnw -Pbenchmark` (needs Linux, a JDK and, for look-ups, `wrk`; no Docker); \
            [CONTRIBUTING.md](../CONTRIBUTING.md#benchmark) describes the settings.

            **Processes.** One Kafka broker, one Postgres (with `fsync`) and the packaged service, each a process of \
            its own, on one machine; nothing is replicated. The figures are good for comparisons and show the cost \
            of each part. They are not those of a cluster, in which network and replication make a commit slower. \
            The service runs as shipped, with the decision log and the latest offers in Postgres. Only three \
            settings differ from their defaults: it requires no tokens, its rate limit is never reached, and its \
            start waits up to two hours until the existing customers are read.

            **Data.** Customers and activities are generated and are the same in each run. Activities are uniformly \
            distributed over the customers, which is the worst case for a cache. Customers are change events as \
            written by Debezium; the rules are those of `strategies/banking.yaml`.

            **Verification.** After each run a `read_committed` consumer reads all offers and checks that each \
            activity has exactly one, in order for each customer, and that it is the offer of the rules, of which \
            the benchmark has its own implementation. After a backlog it also checks that the latest offer of each \
            customer in Postgres is the last one. A run that fails a check yields no figures.

            **CPU and memory** are those that Linux reports: user and system time of the processes, and the peak \
            resident memory of each process since its start (`VmHWM`), of which the heap is only a part.

            There are five suites: comparison with Kafka Streams and with a plain consumer, freshness of look-ups, \
            look-ups, growth, and JVM and native. A suite that is missing below has not been measured yet.
            """;

    private BenchmarkReport() {
    }

    /**
     * Replaces or adds sections, and keeps the others.
     *
     * @param before the existing file; empty if there is none
     * @param measured the new sections
     */
    static String update(String before, Map<Suite, String> measured) {
        Map<Suite, String> sections = new EnumMap<>(Suite.class);
        for (Suite suite : Suite.values()) {
            int begin = before.indexOf(begin(suite));
            int end = before.indexOf(end(suite));
            if (begin >= 0 && end > begin) {
                sections.put(suite, before.substring(begin + begin(suite).length(), end).strip());
            }
        }
        sections.putAll(measured);
        StringBuilder text = new StringBuilder(INTRODUCTION);
        sections.forEach((suite, section) -> text.append('\n').append(begin(suite)).append("\n\n")
                .append(section.strip()).append("\n\n").append(end(suite)).append('\n'));
        return text.toString();
    }

    private static String begin(Suite suite) {
        return "<!-- begin " + suite.name().toLowerCase(Locale.ROOT) + " -->";
    }

    private static String end(Suite suite) {
        return "<!-- end " + suite.name().toLowerCase(Locale.ROOT) + " -->";
    }
}
