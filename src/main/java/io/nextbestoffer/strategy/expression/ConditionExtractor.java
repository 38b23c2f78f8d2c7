package io.nextbestoffer.strategy.expression;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

import org.jspecify.annotations.Nullable;

import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelExpr.ExprKind.Kind;
import dev.cel.common.types.SimpleType;
import dev.cel.runtime.CelRuntime;
import io.nextbestoffer.strategy.expression.Condition.Comparison;
import io.nextbestoffer.strategy.expression.Condition.Leaf;
import io.nextbestoffer.strategy.input.Attribute;
import io.nextbestoffer.strategy.input.Scope;

/** Turns a compiled expression into a {@link Condition}. Not for the hot path. */
final class ConditionExtractor {

    private static final Scope NO_ATTRIBUTES = attribute -> {
        throw new IllegalStateException("a constant has no attributes");
    };

    private final CheckedTree tree;
    private final CelRuntime runtime;
    private final DirectEvaluator direct;

    ConditionExtractor(CheckedTree tree, CelRuntime runtime) {
        this.tree = tree;
        this.runtime = runtime;
        this.direct = new DirectEvaluator(tree);
    }

    Condition condition() {
        return condition(tree.root());
    }

    private Condition condition(CelExpr expression) {
        if (tree.symbol(expression) instanceof Symbol.NamedExpression named) {
            return named.expression().condition();
        }
        if (expression.getKind() == Kind.CALL) {
            List<CelExpr> arguments = expression.call().args();
            switch (expression.call().function()) {
                case "_&&_" -> {
                    return new Condition.All(arguments.stream().map(this::condition).toList());
                }
                case "_||_" -> {
                    return new Condition.Any(arguments.stream().map(this::condition).toList());
                }
                case "!_" -> {
                    return new Condition.Not(condition(arguments.get(0)));
                }
                default -> {
                    // a leaf
                }
            }
        }
        return new Leaf(tree.text(expression), test(expression), operands(expression), comparison(expression));
    }

    private Predicate<Scope> test(CelExpr expression) {
        Predicate<Scope> test = direct.condition(expression);
        return test != null ? test : part(expression)::test;
    }

    /** The attributes and named values in an expression, and the attributes that named expressions depend on. */
    private Map<String, Function<Scope, Object>> operands(CelExpr expression) {
        var operands = new LinkedHashMap<String, Function<Scope, Object>>();
        for (var reference : new ReferenceFinder(expression).found()) {
            Symbol symbol = tree.symbols().get(reference.name());
            if (symbol != null) {
                operands.put(symbol.reference(), symbol::value);
            }
            if (symbol instanceof Symbol.NamedExpression named) {
                named.expression().attributes().forEach(attribute -> operands.put(attribute.reference(),
                        scope -> scope.get(attribute)));
            }
        }
        return operands;
    }

    /** All comparisons of inputs, at any depth: the result can only change where an input crosses one of them. */
    List<Comparison> comparisons() {
        var found = new ArrayList<Comparison>();
        addComparisons(tree.root(), found);
        return found;
    }

    private void addComparisons(CelExpr expression, List<Comparison> found) {
        if (tree.symbol(expression) instanceof Symbol.NamedExpression named) {
            found.addAll(named.expression().comparisons());
            return;
        }
        Comparison comparison = comparison(expression);
        if (comparison != null) {
            found.add(comparison);
        }
        if (expression.getKind() == Kind.CALL) {
            expression.call().args().forEach(argument -> addComparisons(argument, found));
        }
    }

    private @Nullable Comparison comparison(CelExpr expression) {
        if (expression.getKind() != Kind.CALL) {
            Attribute input = input(expression);
            return input != null && tree.type(expression).equals(SimpleType.BOOL)
                    ? new Comparison(input, ComparisonOperator.EQUAL, scope -> true, true)
                    : null;
        }
        List<CelExpr> sides = expression.call().args();
        ComparisonOperator operator = ComparisonOperator.of(expression.call().function());
        if (operator == null || sides.size() != 2) {
            return null;
        }
        CelExpr left = sides.get(0);
        CelExpr right = sides.get(1);
        if (operator == ComparisonOperator.IN) {
            Attribute input = input(left);
            Set<Object> literals = tree.literals(right);
            return input == null || literals == null
                    ? null
                    : new Comparison(input, operator, scope -> literals, literals);
        }
        Comparison comparison = comparison(left, operator, right);
        return comparison != null ? comparison : comparison(right, operator.mirrored(), left);
    }

    private @Nullable Comparison comparison(CelExpr side, ComparisonOperator operator, CelExpr other) {
        Attribute input = input(side);
        boolean withWhole = tree.isDoubleWithWhole(side, other);
        if (input == null || !tree.type(side).equals(tree.type(other)) && !withWhole || dependsOnInputs(other)) {
            return null;
        }
        Function<Scope, Object> value = withWhole ? part(other)::number : value(other);
        boolean isConstant = new ReferenceFinder(other).found().stream()
                .allMatch(reference -> tree.symbols().get(reference.name()) instanceof Symbol.ConstantSymbol);
        return new Comparison(input, operator, value, isConstant ? constant(value) : null);
    }

    private @Nullable Attribute input(CelExpr expression) {
        return tree.symbol(expression) instanceof Symbol.AttributeSymbol symbol && !symbol.attribute().ofOffer()
                ? symbol.attribute()
                : null;
    }

    /** @return null if it can't be computed */
    private static @Nullable Object constant(Function<Scope, Object> value) {
        try {
            return value.apply(NO_ATTRIBUTES);
        } catch (UncomputableException e) {
            return null;
        }
    }

    private Function<Scope, Object> value(CelExpr expression) {
        Object constant = tree.constant(expression);
        if (constant != null) {
            return scope -> constant;
        }
        Symbol symbol = tree.symbol(expression);
        return symbol != null ? symbol::value : part(expression)::value;
    }

    private Expression part(CelExpr expression) {
        return new Expression(tree.part(expression), runtime);
    }

    private boolean dependsOnInputs(CelExpr expression) {
        return part(expression).attributes().stream()
                .anyMatch(attribute -> !attribute.ofOffer());
    }
}
