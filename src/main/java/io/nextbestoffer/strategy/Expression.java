package io.nextbestoffer.strategy;

import java.util.Optional;

import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelVariableResolver;

/** A compiled condition. Thread-safe. */
final class Expression {

    private final CelRuntime.Program program;

    Expression(CelRuntime.Program program) {
        this.program = program;
    }

    boolean test(Inputs inputs) throws CelEvaluationException {
        // A resolver, not a map: nothing to build per decision
        CelVariableResolver resolver = reference -> Optional.ofNullable(inputs.get(reference));
        return (Boolean) program.eval(resolver);
    }
}
