package io.nextbestoffer.governance;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import io.nextbestoffer.attribute.InvalidInputException;
import io.nextbestoffer.strategy.Strategy;
import io.nextbestoffer.strategy.document.Suggestion;
import io.quarkus.runtime.configuration.ConfigurationException;

/**
 * The strategies that a new database is seeded with.
 *
 * @param strategies by name, each stored as version 1; a configured file replaces a shipped strategy of the same name
 * @param active names of the strategies to activate; the first one decides all activities
 */
record InitialStrategies(Map<String, ValidatedDocument> strategies, List<String> active) {

    private static final List<String> SHIPPED = List.of("banking", "insurance", "private-banking");
    private static final String PROPERTY = "nbo.strategies.initial";

    /**
     * @param initial names of shipped strategies, or paths of files
     * @throws ConfigurationException naming the invalid entry
     */
    static InitialStrategies read(List<String> initial) {
        Map<String, ValidatedDocument> strategies = new LinkedHashMap<>();
        SHIPPED.forEach(name -> strategies.put(name, ValidatedDocument.parse(shipped(name))));
        List<String> active = new ArrayList<>();
        for (String entry : initial) {
            String name = entry.strip();
            if (name.matches(".*\\.(yaml|yml|json)")) {
                ValidatedDocument own = readFile(name);
                name = own.document().name();
                strategies.put(name, own);
            } else if (!SHIPPED.contains(name)) {
                throw invalid("names the strategy " + name + ", which does not ship with the service"
                        + Suggestion.of(name, SHIPPED) + " (The name of a file ends in .yaml, .yml or .json.)");
            }
            if (active.contains(name)) {
                throw invalid("names the strategy " + name + " twice");
            }
            active.add(name);
        }
        return new InitialStrategies(strategies, active);
    }

    private static ValidatedDocument readFile(String file) {
        try {
            ValidatedDocument own = ValidatedDocument.parse(Files.readString(Path.of(file)));
            if (own.document() instanceof Strategy) {
                return own;
            }
            throw invalid("names " + file + ", which is a routing. Post it to /strategies once the service runs.");
        } catch (InvalidInputException e) {
            throw invalid("names " + file + ", which is not a valid strategy:\n" + e.getMessage());
        } catch (IOException e) {
            throw invalid("names " + file + ", which can't be read: " + e);
        }
    }

    private static ConfigurationException invalid(String problem) {
        return new ConfigurationException(PROPERTY + " " + problem, Set.of(PROPERTY));
    }

    /** A routing that sends all activities to the first active strategy. */
    ValidatedDocument routing() {
        return ValidatedDocument.parse("""
                # Which strategy decides an activity: the first route that matches, else the default
                description: The initial routing
                routes: []
                default: %s
                """.formatted(active.get(0)));
    }

    private static String shipped(String name) {
        try (InputStream text = Thread.currentThread().getContextClassLoader()
                .getResourceAsStream("strategies/" + name + ".yaml")) {
            return new String(text.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
