package io.nextbestoffer.strategy;

import java.util.List;

import io.nextbestoffer.strategy.document.InvalidStrategyException;
import io.nextbestoffer.strategy.parse.DocumentParser;

/** A compiled document written by marketers: a strategy, or the routing between strategies. Immutable. */
public sealed interface Document permits Strategy, Routing {

    /** The maximum length of a document in characters. */
    int MAX_LENGTH = 64 * 1024;

    /** The kind of strategies that rank offers. */
    String RANK = "rank";

    /**
     * Parses, checks and compiles a document.
     *
     * @param text YAML or JSON
     * @param version the version under which it is saved, from 1; 0 if it is not saved
     * @throws InvalidStrategyException with all problems and their positions
     */
    static Document parse(String text, int version) {
        return new DocumentParser(text, version).document();
    }

    /** The name of the strategy, or {@value Routing#NAME}. */
    String name();

    /** {@code first-match}, {@code rank} or {@code routing}. */
    String kind();

    /** The version under which it is saved, from 1; 0 if it is not saved. */
    int version();

    /** The description; may be empty. */
    String description();

    /** Warnings and notes about the document that don't depend on the catalog. */
    List<Finding> findings();
}
