package io.nextbestoffer.strategy.document;

import java.util.List;
import java.util.stream.Collectors;

import io.nextbestoffer.attribute.InvalidInputException;

/** A document is invalid. Lists its problems, in the order of the document. */
public final class InvalidStrategyException extends InvalidInputException {

    private static final long serialVersionUID = 1;

    private final transient List<DocumentProblem> problems;

    public InvalidStrategyException(List<DocumentProblem> problems) {
        super(problems.stream().map(DocumentProblem::toString).collect(Collectors.joining("\n")));
        this.problems = List.copyOf(problems);
    }

    public List<DocumentProblem> problems() {
        return problems;
    }
}
