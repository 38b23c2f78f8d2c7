package io.nextbestoffer.governance;

import java.util.List;

import io.nextbestoffer.platform.Problems;
import io.nextbestoffer.strategy.document.DocumentProblem;
import io.quarkiverse.resteasy.problem.HttpProblem;
import io.quarkus.runtime.annotations.RegisterForReflection;

/** The response to an invalid document: 400, listing all problems with their lines and columns. */
public final class InvalidStrategyProblem {

    private InvalidStrategyProblem() {
    }

    public static HttpProblem of(List<DocumentProblem> problems) {
        return Problems.problem(400, "invalid-strategy", "Invalid strategy",
                problems.size() + (problems.size() == 1 ? " problem" : " problems") + " in the document.")
                .with("problems", problems.stream().map(DocumentProblemJson::of).toList()).build();
    }

    /**
     * @param line from 1
     * @param column from 1
     */
    @RegisterForReflection
    record DocumentProblemJson(int line, int column, String message) {

        static DocumentProblemJson of(DocumentProblem problem) {
            return new DocumentProblemJson(problem.line(), problem.column(), problem.message());
        }
    }
}
