package io.nextbestoffer.strategy.document;

import org.yaml.snakeyaml.DumperOptions.ScalarStyle;
import org.yaml.snakeyaml.nodes.ScalarNode;

/**
 * Finds the position in a document at which a character of a scalar's value is written. The document has quotes,
 * escapes, indentation and folded lines that the value does not have.
 */
public final class SourcePositions {

    private final int[] document;

    public SourcePositions(String document) {
        this.document = document.codePoints().toArray();
    }

    /**
     * Adds a problem at a character of a scalar's value.
     *
     * @param offset the index of the character in code points; the length of the value for the position after it
     */
    public void add(ProblemCollector problems, ScalarNode node, int offset, String message) {
        int at = find(node, offset);
        int line = 1;
        int lineStart = 0;
        for (int i = 0; i < at; i++) {
            if (document[i] == '\n') {
                line++;
                lineStart = i + 1;
            }
        }
        problems.add(line, at - lineStart + 1, message);
    }

    private int find(ScalarNode node, int offset) {
        int at = start(node);
        int end = node.getEndMark().getIndex();
        int[] value = node.getValue().codePoints().toArray();
        for (int i = 0; i < value.length && i <= offset; i++) {
            if (Character.isWhitespace(value[i])) {
                if (i == offset) {
                    return at;
                }
                continue; // may be a line break with indentation, which the search for the next character skips
            }
            int found = at;
            while (found < end && document[found] != value[i]) {
                found++;
            }
            if (found == end) {
                continue; // written as an escape
            }
            if (i == offset) {
                return found;
            }
            at = found + 1;
        }
        return at;
    }

    private int start(ScalarNode node) {
        int start = node.getStartMark().getIndex();
        if (node.getScalarStyle() == ScalarStyle.LITERAL || node.getScalarStyle() == ScalarStyle.FOLDED) {
            while (start < document.length && document[start] != '\n') {
                start++;
            }
            return Math.min(start + 1, document.length);
        }
        return node.getScalarStyle() == ScalarStyle.PLAIN ? start : start + 1;
    }
}
