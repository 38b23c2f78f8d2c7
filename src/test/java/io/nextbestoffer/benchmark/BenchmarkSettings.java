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
 * What one can say on the command line, each as {@code -Dbenchmark.…}; CONTRIBUTING.md has the table.
 *
 * @param rounds how often everything is measured
 * @param heap of each contestant, as Java's {@code -Xmx} has it
 * @param rates of the latency runs, in activities per second
 * @param latencySeconds of each measured latency run; 0 = none
 * @param restRate activities per second that are decided beside look-ups
 * @param restSeconds of each measured run of look-ups
 * @param streamsThreads of the Kafka Streams application: its own default is 1, ours is 2, as a thread waits while it
 *     commits; which of them is faster was not yet measured on a quiet machine
 * @param streamsCommitMillis how often Kafka Streams commits
 * @param properties of the service, beyond its defaults
 * @param write whether to write docs/benchmarks.md
 * @param commandLine that says the same
 */
record BenchmarkSettings(int activities, int customers, int partitions, int rounds, String heap, Set<Suite> suites,
        List<Integer> rates, int latencySeconds, int restRate, int restSeconds, int streamsThreads,
        int streamsCommitMillis, Map<String, String> properties, boolean write, String commandLine) {

    private static final String PREFIX = "benchmark.";

    enum Suite {
        COMPARE, REST, GROWTH, PLATFORM
    }

    /** A setting that can't be used; the message names it. */
    static final class Invalid extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Invalid(String message) {
            super(message);
        }
    }

    static BenchmarkSettings from(Properties properties) {
        return new BenchmarkSettings(//
                whole(properties, "activities", 2_000_000, 10_000, 50_000_000),
                whole(properties, "customers", 100_000, 100, 2_000_000),
                whole(properties, "partitions", 6, 1, 250), //
                whole(properties, "rounds", 3, 1, 100), //
                heap(properties), suites(properties), rates(properties),
                whole(properties, "latency.seconds", 30, 0, 600), //
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
                        + " is neither all nor some of compare, rest, growth and platform, with commas between");
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
                throw new Invalid("-Dbenchmark.properties=" + value + " is not like nbo.a=1,nbo.b=2");
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
            // said below
        }
        throw new Invalid("-Dbenchmark." + name + ": " + value + " is not a whole number from " + least + " to "
                + most);
    }

    private static String text(Properties properties, String name, String otherwise) {
        String value = properties.getProperty(PREFIX + name, "").strip();
        return value.isEmpty() ? otherwise : value;
    }

    /** With what was given, sorted; Maven gives all that exist, empty where nothing was said. */
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
