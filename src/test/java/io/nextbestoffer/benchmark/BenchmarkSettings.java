package io.nextbestoffer.benchmark;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;

/**
 * Settings from the command line, each {@code -Dbenchmark.…}; CONTRIBUTING.md has the table.
 *
 * @param rounds number of times that everything is measured
 * @param heap heap of each contestant, in the format of {@code -Xmx}
 * @param rates activities per second of the latency runs
 * @param latencySeconds duration of each latency run; 0 = none
 * @param freshSeconds duration of each latency run of a process that has just started; 0 = none
 * @param restRate activities per second that are decided during look-ups
 * @param restSeconds duration of each run of look-ups
 * @param streamsThreads threads of the Kafka Streams application: 2 instead of its default of 1, because a thread waits
 *     during a commit; the two have not been compared on a quiet machine yet
 * @param streamsCommitMillis commit interval of Kafka Streams, in milliseconds
 * @param properties properties of the service that differ from its defaults
 * @param write whether to write docs/benchmarks.md
 * @param commandLine command line with these settings
 */
record BenchmarkSettings(int activities, int customers, int partitions, int rounds, String heap, Set<Suite> suites,
        List<Integer> rates, int latencySeconds, int freshSeconds, int restRate, int restSeconds,
        int streamsThreads, int streamsCommitMillis, Map<String, String> properties, boolean write,
        String commandLine) {

    private static final String PREFIX = "benchmark.";

    enum Suite {
        COMPARE, FRESHNESS, REST, GROWTH, PLATFORM
    }

    /** An invalid setting; the message names it. */
    static final class Invalid extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Invalid(String message) {
            super(message);
        }
    }

    static BenchmarkSettings from(Properties properties) {
        int latencySeconds = whole(properties, "latency.seconds", 30, 0, 600);
        return new BenchmarkSettings(//
                whole(properties, "activities", 2_000_000, 10_000, 50_000_000),
                whole(properties, "customers", 100_000, 100, 2_000_000),
                whole(properties, "partitions", 6, 1, 250), //
                whole(properties, "rounds", 3, 1, 100), //
                heap(properties), suites(properties), rates(properties),
                latencySeconds, whole(properties, "fresh.seconds", Math.min(600, 2 * latencySeconds), 0, 600), //
                whole(properties, "rest.rate", 10_000, 1, 100_000), //
                whole(properties, "rest.seconds", 20, 1, 600), //
                whole(properties, "streams.threads", 2, 1, 100), //
                whole(properties, "streams.commit.interval", 100, 1, 60_000), //
                serviceProperties(properties), write(properties), commandLine(properties));
    }

    private static String heap(Properties properties) {
        String value = text(properties, "heap", "512m");
        if (!value.matches("[1-9][0-9]{0,5}[mMgG]")) {
            throw new Invalid("-Dbenchmark.heap=" + value + " is not a heap size like 512m or 2g");
        }
        return value;
    }

    private static Set<Suite> suites(Properties properties) {
        String value = text(properties, "suite", "compare").toLowerCase(Locale.ROOT);
        if (value.equals("all")) {
            return EnumSet.allOf(Suite.class);
        }
        Set<Suite> suites = EnumSet.noneOf(Suite.class);
        for (String one : value.split(",", -1)) {
            try {
                suites.add(Suite.valueOf(one.strip().toUpperCase(Locale.ROOT)));
            } catch (IllegalArgumentException e) {
                throw new Invalid("-Dbenchmark.suite=" + value
                        + " is neither all nor a comma-separated list of compare, freshness, rest, growth and"
                        + " platform");
            }
        }
        return suites;
    }

    private static List<Integer> rates(Properties properties) {
        List<Integer> rates = new ArrayList<>();
        for (String one : text(properties, "rates", "2000,10000").split(",", -1)) {
            rates.add(number("rates", one.strip(), 1, 100_000));
        }
        return rates.stream().distinct().toList();
    }

    private static Map<String, String> serviceProperties(Properties properties) {
        String value = text(properties, "properties", "");
        Map<String, String> all = new LinkedHashMap<>();
        for (String one : value.isEmpty() ? new String[0] : value.split(",", -1)) {
            int equals = one.indexOf('=');
            if (equals < 1) {
                throw new Invalid("-Dbenchmark.properties=" + value + " does not have the format nbo.a=1,nbo.b=2");
            }
            all.put(one.substring(0, equals).strip(), one.substring(equals + 1).strip());
        }
        return all;
    }

    private static boolean write(Properties properties) {
        String value = text(properties, "write", "false");
        return switch (value) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new Invalid("-Dbenchmark.write=" + value + " is neither true nor false");
        };
    }

    private static int whole(Properties properties, String name, int otherwise, int least, int most) {
        return number(name, text(properties, name, Integer.toString(otherwise)), least, most);
    }

    private static int number(String name, String value, int least, int most) {
        try {
            int number = Integer.parseInt(value);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            // reported below
        }
        throw new Invalid("-Dbenchmark." + name + ": " + value + " is not a whole number from " + least + " to "
                + most);
    }

    private static String text(Properties properties, String name, String otherwise) {
        String value = properties.getProperty(PREFIX + name, "").strip();
        return value.isEmpty() ? otherwise : value;
    }

    /** Contains the given settings, sorted. Maven passes all settings, and empty values for those not given. */
    private static String commandLine(Properties properties) {
        StringBuilder line = new StringBuilder("./mvnw -Pbenchmark");
        TreeMap<String, String> given = new TreeMap<>();
        properties.stringPropertyNames().stream().filter(name -> name.startsWith(PREFIX))
                .forEach(name -> given.put(name, properties.getProperty(name).strip()));
        given.forEach((name, value) -> {
            if (!value.isEmpty()) {
                String option = "-D" + name + "=" + value;
                line.append(' ').append(option.contains(" ") ? "'" + option + "'" : option);
            }
        });
        return line.toString();
    }
}
