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
 * What a new database gets.
 *
 * @param strategies by name, each to be version 1; one of the bank's own takes the place of one that ships
 * @param active names of those to be activated at once; the first one decides all activities
 */
record InitialStrategies(Map<String, ValidatedDocument> strategies, List<String> active) {

    private static final List<String> SHIPPED = List.of("banking", "insurance", "private-banking");
    private static final String PROPERTY = "nbo.strategies.initial";

    /**
     * @param initial names of what ships, or paths
     * @throws ConfigurationException saying which of them is wrong, and why
     */
    static InitialStrategies read(List<String> initial) {
        Map<String, ValidatedDocument> strategies = new LinkedHashMap<>();
        SHIPPED.forEach(name -> strategies.put(name, ValidatedDocument.parse(shipped(name))));
        List<String> active = new ArrayList<>();
        for (String entry : initial) {
            String name = entry.strip();
            if (name.matches(".*\\.(yaml|yml|json)")) {
                ValidatedDocument own = own(name);
                name = own.document().name();
                strategies.put(name, own);
            } else if (!SHIPPED.contains(name)) {
                throw wrong("names the strategy " + name + ", which does not ship"
                        + Suggestion.of(name, SHIPPED) + " (A file of your own ends in .yaml, .yml or .json.)");
            }
            if (active.contains(name)) {
                throw wrong("names the strategy " + name + " twice");
            }
            active.add(name);
        }
        return new InitialStrategies(strategies, active);
    }

    private static ValidatedDocument own(String file) {
        try {
            ValidatedDocument own = ValidatedDocument.parse(Files.readString(Path.of(file)));
            if (own.document() instanceof Strategy) {
                return own;
            }
            throw wrong("names " + file + ", which is a routing: post it once the service runs");
        } catch (InvalidInputException e) {
            throw wrong("names " + file + ", which is no strategy that can be used:\n" + e.getMessage());
        } catch (IOException e) {
            throw wrong("names " + file + ", which can't be read: " + e);
        }
    }

    private static ConfigurationException wrong(String what) {
        return new ConfigurationException(PROPERTY + " " + what, Set.of(PROPERTY));
    }

    /** Sends all activities to the first one. */
    ValidatedDocument routing() {
        return ValidatedDocument.parse("""
                # Which strategy decides an activity: the first route that matches, else the default
                description: The routing this service began with
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
