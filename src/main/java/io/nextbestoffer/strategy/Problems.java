package io.nextbestoffer.strategy;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.nodes.Node;

/** Collects what is wrong with one document, so that its author sees everything at once. */
final class Problems {

    /** A hostile document has no say in how long the answer gets. */
    static final int MAX = 100;

    private final List<Problem> problems = new ArrayList<>();

    void add(int line, int column, String message) {
        var problem = new Problem(line, column, message);
        if (!isFull() && !problems.contains(problem)) {
            problems.add(problem);
        }
    }

    void add(Mark mark, String message) {
        add(mark.getLine() + 1, mark.getColumn() + 1, message);
    }

    void add(Node node, String message) {
        add(node.getStartMark(), message);
    }

    /** Time to stop looking. */
    boolean isFull() {
        return problems.size() >= MAX;
    }

    void throwIfAny() {
        if (!problems.isEmpty()) {
            throw exception();
        }
    }

    InvalidStrategyException exception() {
        var sorted = new ArrayList<>(problems);
        sorted.sort(Comparator.comparingInt(Problem::line).thenComparingInt(Problem::column));
        return new InvalidStrategyException(sorted);
    }
}
