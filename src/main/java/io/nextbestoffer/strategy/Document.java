package io.nextbestoffer.strategy;

import java.util.List;

import io.nextbestoffer.strategy.document.InvalidStrategyException;
import io.nextbestoffer.strategy.parse.DocumentParser;

/** What marketers own: strategies, and the routing between them. Compiled, immutable. */
public sealed interface Document permits Strategy, Routing {

    /** The longest document, in characters. */
    int MAX_LENGTH = 64 * 1024;

    /** The kind of those that rank offers. */
    String RANK = "rank";

    /**
     * @param text YAML or JSON
     * @param version by which it is saved, from 1; 0 if it is not
     * @throws InvalidStrategyException naming all problems with their positions
     */
    static Document parse(String text, int version) {
        return new DocumentParser(text, version).document();
    }

    /** {@value Routing#NAME} for the routing. */
    String name();

    /** {@code first-match}, {@code rank} or {@code routing}. */
    String kind();

    /** From 1; 0 if it was not saved. */
    int version();

    /** May be empty. */
    String description();

    /** What is questionable in it, whatever the catalog has. */
    List<Finding> findings();
}
