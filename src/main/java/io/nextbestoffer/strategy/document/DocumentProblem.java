package io.nextbestoffer.strategy.document;

/**
 * A problem of a document, at its position.
 *
 * @param line from 1
 * @param column from 1, in characters (code points)
 * @param message the mistake and its correction
 */
public record DocumentProblem(int line, int column, String message) {

    @Override
    public String toString() {
        return "line " + line + ", column " + column + ": " + message;
    }
}
