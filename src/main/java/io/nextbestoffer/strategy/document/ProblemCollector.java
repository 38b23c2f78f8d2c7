package io.nextbestoffer.strategy.document;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.nodes.Node;

/** Collects the problems of one document, so that its author sees all of them at once. */
public final class ProblemCollector {

    /** The most problems to report, which limits the response to a hostile document. */
    static final int MAX = 100;

    private final List<DocumentProblem> problems = new ArrayList<>();

    public void add(int line, int column, String message) {
        var problem = new DocumentProblem(line, column, message);
        if (!isFull() && !problems.contains(problem)) {
            problems.add(problem);
        }
    }

    public void add(Mark mark, String message) {
        add(mark.getLine() + 1, mark.getColumn() + 1, message);
    }

    public void add(Node node, String message) {
        add(node.getStartMark(), message);
    }

    /** Whether no more problems are collected, so that checking can stop. */
    public boolean isFull() {
        return problems.size() >= MAX;
    }

    public void throwIfAny() {
        if (!problems.isEmpty()) {
            throw exception();
        }
    }

    public InvalidStrategyException exception() {
        var sorted = new ArrayList<>(problems);
        sorted.sort(Comparator.comparingInt(DocumentProblem::line).thenComparingInt(DocumentProblem::column));
        return new InvalidStrategyException(sorted);
    }
}
