package io.nextbestoffer.strategy;

/**
 * Something questionable in a document that can be used otherwise.
 *
 * @param line from 1; 0 if it is nowhere in particular
 * @param column from 1
 */
public record Finding(Severity severity, int line, int column, String message) {

    public enum Severity {
        /** The document can't be activated. */
        ERROR,
        /** Hardly what its author means. */
        WARNING,
        /** Good to know. */
        NOTE
    }

    @Override
    public String toString() {
        return (line > 0 ? "line " + line + ", column " + column + ": " : "") + message;
    }
}
