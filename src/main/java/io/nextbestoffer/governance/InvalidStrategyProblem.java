package io.nextbestoffer.governance;

import java.util.List;

import io.nextbestoffer.platform.Problems;
import io.nextbestoffer.strategy.document.DocumentProblem;
import io.quarkiverse.resteasy.problem.HttpProblem;
import io.quarkus.runtime.annotations.RegisterForReflection;

/** How a document that can't be used is told over REST: 400, naming all that is wrong with lines and columns. */
public final class InvalidStrategyProblem {

    private InvalidStrategyProblem() {
    }

    public static HttpProblem of(List<DocumentProblem> problems) {
        return Problems.problem(400, "invalid-strategy", "Invalid strategy",
                problems.size() + (problems.size() == 1 ? " problem" : " problems") + " to be solved.")
                .with("problems", problems.stream().map(Flaw::of).toList()).build();
    }

    /**
     * @param line from 1
     * @param column from 1
     */
    @RegisterForReflection
    record Flaw(int line, int column, String message) {

        static Flaw of(DocumentProblem problem) {
            return new Flaw(problem.line(), problem.column(), problem.message());
        }
    }
}
