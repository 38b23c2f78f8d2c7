package io.nextbestoffer.strategy;

/**
 * A remark about a document that is valid in itself.
 *
 * @param line from 1; 0 if it concerns the document as a whole
 * @param column from 1
 */
public record Finding(Severity severity, int line, int column, String message) {

    public enum Severity {
        /** The document can't be activated. */
        ERROR,
        /** Probably a mistake. */
        WARNING,
        /** For information. */
        NOTE
    }

    @Override
    public String toString() {
        return (line > 0 ? "line " + line + ", column " + column + ": " : "") + message;
    }
}
