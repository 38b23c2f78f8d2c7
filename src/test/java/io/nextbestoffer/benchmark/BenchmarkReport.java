package io.nextbestoffer.benchmark;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

import io.nextbestoffer.benchmark.BenchmarkSettings.Suite;

/** docs/benchmarks.md: an introduction, and a section of each suite that was ever written. */
final class BenchmarkReport {
    private static final String INTRODUCTION = """
            # Benchmarks

            <!-- Written by ./mvnw -Pbenchmark -Dbenchmark.write=true: change it there, in benchmark/*.java. -->

            What the service does per second, how fast, and what it takes: for whoever has to plan it. Measure it on \
            a machine of yours with `./mvnw -Pbenchmark` (Linux, a JDK and, for look-ups, `wrk`; no Docker); \
            [CONTRIBUTING.md](../CONTRIBUTING.md#benchmark) has the settings.

            **What runs.** One Kafka broker, one Postgres (with `fsync`) and the packaged service, each a process of \
            its own, all on one machine; nothing is replicated. So these numbers compare and show what costs what. \
            They are not those of a cluster, whose network and replicas make a commit slower. The service has its \
            defaults, except that at start it waits for the customers that are there without limit.

            **What is decided.** Customers and activities are made up, the same ones each time, activities uniformly \
            distributed over the customers, which is the worst case for a cache. Customers are changes as Debezium \
            writes them; the rules are those of `strategies/banking.yaml`.

            **How it is verified.** After each run all its offers are read as a `read_committed` reader does: each \
            activity exactly once, in order for each customer, and the offer that the rules say, which the benchmark \
            knows on its own account. A run that fails this gives no numbers.

            **How CPU and memory are counted.** As Linux counts them: user and system time of the processes, and the \
            most memory that each process had resident since its start (`VmHWM`), of which the heap is only a part.

            There are four suites: beside Kafka Streams, look-ups, growth, JVM and native. One that is not below was not measured yet.
            """;

    private BenchmarkReport() {
    }

    /**
     * @param before the file as it is; empty if there is none
     * @param measured what takes the place of a section, or is added
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
