package io.nextbestoffer.strategy;

import java.util.Optional;
import java.util.function.Predicate;

import org.jspecify.annotations.Nullable;

import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelVariableResolver;

/** A compiled condition. Thread-safe. */
final class Expression {

    private final CelRuntime.Program program;
    private final @Nullable Predicate<Inputs> comparisons;

    /** @param comparisons the same, if it comes to no more than {@link Comparisons} */
    Expression(CelRuntime.Program program, @Nullable Predicate<Inputs> comparisons) {
        this.program = program;
        this.comparisons = comparisons;
    }

    boolean test(Inputs inputs) throws CelEvaluationException {
        return comparisons != null ? comparisons.test(inputs) : interpret(inputs);
    }

    /** By CEL's own runtime, whatever the expression is. */
    boolean interpret(Inputs inputs) throws CelEvaluationException {
        // A resolver, not a map: nothing to build per decision
        CelVariableResolver resolver = reference -> Optional.ofNullable(inputs.get(reference));
        return (Boolean) program.eval(resolver);
    }

    boolean isOfComparisons() {
        return comparisons != null;
    }
}
