package io.nextbestoffer.strategy.expression;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;

import org.jspecify.annotations.Nullable;

import dev.cel.common.types.CelType;
import dev.cel.common.types.SimpleType;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import io.nextbestoffer.strategy.expression.Condition.Comparison;
import io.nextbestoffer.strategy.input.Attribute;
import io.nextbestoffer.strategy.input.Scope;

/** A compiled expression, evaluated directly where possible and by CEL's interpreter elsewhere. Thread-safe. */
public final class Expression {

    private final CheckedTree tree;
    private final CelRuntime runtime;
    private final CelRuntime.Program program;
    private final @Nullable Predicate<Scope> directCondition;
    private final @Nullable ToDoubleFunction<Scope> directDouble;
    private final @Nullable ToDoubleFunction<Scope> directNumber;
    private final int depth;
    private final int parts;

    Expression(CheckedTree tree, CelRuntime runtime) {
        this.tree = tree;
        this.runtime = runtime;
        try {
            program = runtime.createProgram(tree.ast());
        } catch (CelEvaluationException e) {
            throw new IllegalStateException("CEL can't plan an expression that it has checked", e);
        }
        var direct = new DirectEvaluator(tree);
        directCondition = direct.condition(tree.root());
        directDouble = direct.doubleValue(tree.root());
        directNumber = direct.number(tree.root());
        var references = new ReferenceFinder(tree.root());
        int deepest = 0;
        long size = tree.ast().getTypeMap().size();
        for (var reference : references.found()) {
            if (tree.symbols().get(reference.name()) instanceof Symbol.NamedExpression named) {
                deepest = Math.max(deepest, 1 + named.expression().depth);
                size += named.expression().parts;
            }
        }
        depth = references.depth() + deepest;
        parts = (int) Math.min(size, Integer.MAX_VALUE);
    }

    /**
     * The value of a condition.
     *
     * @throws UncomputableException for example if it divides by zero
     */
    public boolean test(Scope scope) {
        return directCondition != null ? directCondition.test(scope) : (Boolean) interpret(scope);
    }

    /**
     * The value of a number, whole or not; finite.
     *
     * @throws UncomputableException for example if it divides by zero
     */
    public double number(Scope scope) {
        return directNumber != null ? directNumber.applyAsDouble(scope) : ((Number) interpret(scope)).doubleValue();
    }

    /** @throws UncomputableException for example if it divides by zero */
    Object value(Scope scope) {
        if (directCondition != null) {
            return directCondition.test(scope);
        }
        return directDouble != null ? (Object) directDouble.applyAsDouble(scope) : interpret(scope);
    }

    /** Evaluates any expression with CEL's own interpreter. */
    Object interpret(Scope scope) {
        try {
            return program.eval(tree.symbols().in(scope));
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
    Predicate<Scope> directCondition() {
        return directCondition;
    }

    @Nullable
    ToDoubleFunction<Scope> directDouble() {
        return directDouble;
    }

    boolean isDirect() {
        return directCondition != null || directDouble != null;
    }

    CheckedTree tree() {
        return tree;
    }

    CelType type() {
        return tree.ast().getResultType();
    }

    public boolean isCondition() {
        return type().equals(SimpleType.BOOL);
    }

    /** The attributes it depends on, directly or through named expressions. */
    public Set<Attribute> attributes() {
        Set<Attribute> attributes = new LinkedHashSet<>();
        for (var reference : new ReferenceFinder(tree.root()).found()) {
            Symbol symbol = tree.symbols().get(reference.name());
            if (symbol instanceof Symbol.AttributeSymbol of) {
                attributes.add(of.attribute());
            } else if (symbol instanceof Symbol.NamedExpression named) {
                attributes.addAll(named.expression().attributes());
            }
        }
        return attributes;
    }

    /** Its nesting depth, including the named expressions it uses. */
    int depth() {
        return depth;
    }

    /** Its number of parts, including those of named expressions, once for each use. */
    int parts() {
        return parts;
    }

    /** The names it refers to directly, not those that named expressions refer to. */
    Set<String> usedNames() {
        Set<String> used = new LinkedHashSet<>();
        new ReferenceFinder(tree.root()).found().forEach(reference -> used.add(reference.name()));
        return used;
    }

    /** The condition as a tree that can be explained and checked. */
    public Condition condition() {
        if (!isCondition()) {
            throw new IllegalStateException("not a condition: " + type().name());
        }
        return new ConditionExtractor(tree, runtime).condition();
    }

    /** All comparisons of inputs in it. Its value can only change where an input crosses one of them. */
    public List<Comparison> comparisons() {
        return new ConditionExtractor(tree, runtime).comparisons();
    }
}
