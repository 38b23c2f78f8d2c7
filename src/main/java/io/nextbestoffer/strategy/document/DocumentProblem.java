package io.nextbestoffer.strategy.document;

/**
 * One thing wrong with a strategy document.
 *
 * @param line from 1
 * @param column from 1, in characters (code points)
 * @param message what is wrong and what would be right
 */
public record DocumentProblem(int line, int column, String message) {

    @Override
    public String toString() {
        return "line " + line + ", column " + column + ": " + message;
    }
}
