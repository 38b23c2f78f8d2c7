package io.nextbestoffer.strategy.expression;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;

import org.jspecify.annotations.Nullable;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.types.CelType;
import dev.cel.common.types.SimpleType;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import io.nextbestoffer.strategy.expression.Condition.Comparison;
import io.nextbestoffer.strategy.input.Attribute;
import io.nextbestoffer.strategy.input.Scope;

/** A compiled expression. Thread-safe. */
public final class Expression {

    private final CelAbstractSyntaxTree checked;
    private final SymbolTable names;
    private final CelRuntime runtime;
    private final CelRuntime.Program program;
    private final @Nullable Predicate<Scope> direct;
    private final @Nullable ToDoubleFunction<Scope> directReal;
    private final @Nullable ToDoubleFunction<Scope> directNumber;
    private final int depth;
    private final int parts;

    Expression(CelAbstractSyntaxTree checked, SymbolTable names, CelRuntime runtime) {
        this.checked = checked;
        this.names = names;
        this.runtime = runtime;
        try {
            program = runtime.createProgram(checked);
        } catch (CelEvaluationException e) {
            throw new IllegalStateException("checked, but not to be planned", e);
        }
        var direct = new DirectEvaluator(checked, names);
        this.direct = direct.condition(checked.getExpr());
        this.directReal = direct.real(checked.getExpr());
        this.directNumber = direct.number(checked.getExpr());
        var references = new ReferenceFinder(checked.getExpr());
        int deepest = 0;
        long size = checked.getTypeMap().size();
        for (var reference : references.found()) {
            if (names.get(reference.name()) instanceof Symbol.Named named) {
                deepest = Math.max(deepest, 1 + named.expression().depth);
                size += named.expression().parts;
            }
        }
        depth = references.depth() + deepest;
        parts = (int) Math.min(size, Integer.MAX_VALUE);
    }

    /**
     * Of a condition.
     *
     * @throws UncomputableException for example because it divides by zero
     */
    public boolean test(Scope scope) {
        return direct != null ? direct.test(scope) : (Boolean) interpret(scope);
    }

    /**
     * Of a number, whole or not; may be infinite or NaN.
     *
     * @throws UncomputableException for example because it divides a whole number by zero
     */
    public double number(Scope scope) {
        return directNumber != null ? directNumber.applyAsDouble(scope) : ((Number) interpret(scope)).doubleValue();
    }

    /** @throws UncomputableException for example because it divides by zero */
    Object value(Scope scope) {
        if (direct != null) {
            return direct.test(scope);
        }
        return directReal != null ? (Object) directReal.applyAsDouble(scope) : interpret(scope);
    }

    /** By CEL's own runtime, whatever the expression is. */
    Object interpret(Scope scope) {
        try {
            return program.eval(names.in(scope));
        } catch (CelEvaluationException e) {
            for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
                if (cause instanceof UncomputableException uncomputable) {
                    throw uncomputable;
                }
            }
            // The original message may quote a value
            throw new UncomputableException(CelMessages.evaluation(e.getErrorCode()));
        }
    }

    @Nullable
    Predicate<Scope> direct() {
        return direct;
    }

    @Nullable
    ToDoubleFunction<Scope> directReal() {
        return directReal;
    }

    boolean isDirect() {
        return direct != null || directReal != null;
    }

    CelType type() {
        return checked.getResultType();
    }

    public boolean isCondition() {
        return type().equals(SimpleType.BOOL);
    }

    /** What it depends on, also by way of named expressions. */
    public Set<Attribute> attributes() {
        Set<Attribute> attributes = new LinkedHashSet<>();
        for (var reference : new ReferenceFinder(checked.getExpr()).found()) {
            Symbol name = names.get(reference.name());
            if (name instanceof Symbol.OfAttribute of) {
                attributes.add(of.attribute());
            } else if (name instanceof Symbol.Named named) {
                attributes.addAll(named.expression().attributes());
            }
        }
        return attributes;
    }

    /** How deep it is nested, with the named expressions it uses. */
    int depth() {
        return depth;
    }

    /** Its size, with the named expressions it uses, each time it does. */
    int parts() {
        return parts;
    }

    /** Named expressions and constants it refers to, not by way of others. */
    Set<String> usedNames() {
        Set<String> used = new LinkedHashSet<>();
        new ReferenceFinder(checked.getExpr()).found().forEach(reference -> used.add(reference.name()));
        return used;
    }

    /** Taken apart, to be explained. */
    public Condition condition() {
        if (!isCondition()) {
            throw new IllegalStateException("not a condition");
        }
        return new ConditionExtractor(checked, names, runtime).condition();
    }

    /** All comparisons of inputs in it: where passing one may change what comes out. */
    public List<Comparison> comparisons() {
        return new ConditionExtractor(checked, names, runtime).comparisons();
    }
}
