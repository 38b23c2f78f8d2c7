package io.nextbestoffer.sandbox;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/**
 * Settings from the command line, each {@code -Dsandbox.…}.
 *
 * @param strategy the deciding strategy, one of those that ship with the service
 * @param rate activities per second after the sample; 0 = none
 * @param exitAfter time limit of the run; null = none
 * @param avro whether activities, changes and offers are in Avro
 * @param tls whether broker, database and service accept TLS only
 * @param tokens whether the service requires tokens, and the sandbox issues them
 */
record SandboxSettings(int kafkaPort, int postgresPort, int httpPort, int managementPort, int partitions,
        String strategy,
        double rate, Duration exitAfter, boolean avro, boolean tls, boolean tokens, boolean infrastructureOnly) {

    private static final List<String> STRATEGIES = List.of("banking", "insurance", "private-banking");

    /** An invalid setting; the message names it. */
    static final class Invalid extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Invalid(String message) {
            super(message);
        }
    }

    static SandboxSettings from(Properties properties) {
        return new SandboxSettings(//
                port(properties, "sandbox.kafka.port", 9092), //
                port(properties, "sandbox.postgres.port", 5432), //
                port(properties, "sandbox.http.port", 8080), //
                port(properties, "sandbox.management.port", 9000), //
                partitions(properties), strategy(properties), rate(properties), exitAfter(properties), avro(properties),
                flag(properties, "sandbox.tls"), flag(properties, "sandbox.tokens"),
                flag(properties, "sandbox.infrastructure-only"));
    }

    /** Checks that every port is free, and replaces 0 by a free one. */
    SandboxSettings withFreePorts() {
        Map<String, Integer> ports = new LinkedHashMap<>();
        ports.put("sandbox.kafka.port", kafkaPort);
        ports.put("sandbox.postgres.port", postgresPort);
        if (!infrastructureOnly) {
            ports.put("sandbox.http.port", httpPort);
            ports.put("sandbox.management.port", managementPort);
        }
        Map<Integer, String> taken = new LinkedHashMap<>();
        ports.forEach((property, port) -> {
            if (port != 0 && !FreePorts.isFree(port)) {
                throw new Invalid("port " + port + " is in use: choose another with -D" + property + "=…");
            }
            String other = port == 0 ? null : taken.put(port, property);
            if (other != null) {
                throw new Invalid("-D" + property + " and -D" + other + " are both " + port);
            }
        });
        return new SandboxSettings(FreePorts.orFree(kafkaPort), FreePorts.orFree(postgresPort),
                FreePorts.orFree(httpPort),
                FreePorts.orFree(managementPort), partitions, strategy, rate, exitAfter, avro, tls, tokens,
                infrastructureOnly);
    }

    private static int port(Properties properties, String name, int otherwise) {
        return integer(properties, name, otherwise, 0, 65_535);
    }

    private static int partitions(Properties properties) {
        return integer(properties, "sandbox.partitions", 6, 1, 1000);
    }

    private static String strategy(Properties properties) {
        String value = text(properties, "sandbox.strategy");
        if (!value.isEmpty() && !STRATEGIES.contains(value)) {
            throw new Invalid("-Dsandbox.strategy=" + value + " is not a strategy that ships with the service: "
                    + String.join(", ", STRATEGIES));
        }
        return value.isEmpty() ? STRATEGIES.get(0) : value;
    }

    private static boolean avro(Properties properties) {
        String value = text(properties, "sandbox.format");
        return switch (value) {
            case "", "json" -> false;
            case "avro" -> true;
            default -> throw new Invalid("-Dsandbox.format=" + value + " is neither json nor avro");
        };
    }

    private static double rate(Properties properties) {
        String name = "sandbox.rate";
        String value = text(properties, name);
        if (value.isEmpty()) {
            return 5;
        }
        try {
            double rate = Double.parseDouble(value);
            if (rate >= 0 && rate <= 100_000) {
                return rate;
            }
        } catch (NumberFormatException e) {
            // reported below
        }
        throw new Invalid("-D" + name + "=" + value + " is not a number of activities per second from 0 to 100000");
    }

    private static Duration exitAfter(Properties properties) {
        String name = "sandbox.exit-after";
        String value = text(properties, name);
        if (value.isEmpty()) {
            return null;
        }
        try {
            Duration duration = Duration.parse(value);
            if (!duration.isNegative() && !duration.isZero()) {
                return duration;
            }
        } catch (DateTimeParseException e) {
            // reported below
        }
        throw new Invalid("-D" + name + "=" + value + " is not a duration like PT60S or PT5M");
    }

    private static boolean flag(Properties properties, String name) {
        String value = properties.getProperty(name);
        if (value == null) {
            return false;
        }
        // -Dname without a value means true.
        return switch (value.strip()) {
            case "", "true" -> true;
            case "false" -> false;
            default -> throw new Invalid("-D" + name + "=" + value + " is neither true nor false");
        };
    }

    private static int integer(Properties properties, String name, int otherwise, int least, int most) {
        String value = text(properties, name);
        if (value.isEmpty()) {
            return otherwise;
        }
        try {
            int number = Integer.parseInt(value);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            // reported below
        }
        throw new Invalid("-D" + name + "=" + value + " is not a whole number from " + least + " to " + most);
    }

    private static String text(Properties properties, String name) {
        return properties.getProperty(name, "").strip();
    }
}
