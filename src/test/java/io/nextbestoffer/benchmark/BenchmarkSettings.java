package io.nextbestoffer.benchmark;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.Set;

/**
 * What one can say on the command line, each as {@code -Dbenchmark.…}.
 *
 * @param heap of each contestant, as Java's {@code -Xmx} has it
 * @param rates of the latency runs, in activities per second
 * @param latencySeconds of each measured latency run
 * @param write whether to write docs/benchmarks.md
 */
record BenchmarkSettings(int activities, int customers, int partitions, int rounds, String heap, Set<Suite> suites,
        List<Integer> rates, int latencySeconds, boolean write) {

    enum Suite {
        COMPARE, REST, GROWTH
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
                whole(properties, "benchmark.activities", 2_000_000, 10_000, 1_000_000_000),
                whole(properties, "benchmark.customers", 100_000, 1, 50_000_000),
                whole(properties, "benchmark.partitions", 6, 1, 1000),
                whole(properties, "benchmark.rounds", 3, 1, 100), heap(properties), suites(properties),
                rates(properties), whole(properties, "benchmark.latency.seconds", 30, 0, 3600), write(properties));
    }

    private static String heap(Properties properties) {
        String name = "benchmark.heap";
        String value = text(properties, name, "512m");
        if (!value.matches("[1-9][0-9]{0,5}[mMgG]")) {
            throw new Invalid("-D" + name + "=" + value + " is not a heap size like 512m or 2g");
        }
        return value;
    }

    private static Set<Suite> suites(Properties properties) {
        String name = "benchmark.suite";
        String value = text(properties, name, "compare").toLowerCase(Locale.ROOT);
        if (value.equals("all")) {
            return EnumSet.allOf(Suite.class);
        }
        Set<Suite> suites = EnumSet.noneOf(Suite.class);
        for (String one : value.split(",")) {
            try {
                suites.add(Suite.valueOf(one.strip().toUpperCase(Locale.ROOT)));
            } catch (IllegalArgumentException e) {
                throw new Invalid("-D" + name + "=" + value + " is not a list of compare, rest, growth, and not all");
            }
        }
        return suites;
    }

    private static List<Integer> rates(Properties properties) {
        String name = "benchmark.rates";
        List<Integer> rates = new ArrayList<>();
        for (String one : text(properties, name, "2000,10000").split(",")) {
            rates.add(number(name, one.strip(), 1, 1_000_000));
        }
        return List.copyOf(rates);
    }

    private static boolean write(Properties properties) {
        String name = "benchmark.write";
        String value = text(properties, name, "false");
        return switch (value) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new Invalid("-D" + name + "=" + value + " is neither true nor false");
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
        throw new Invalid("-D" + name + ": " + value + " is not a whole number from " + least + " to " + most);
    }

    private static String text(Properties properties, String name, String otherwise) {
        String value = properties.getProperty(name, "").strip();
        return value.isEmpty() ? otherwise : value;
    }
}
