package io.nextbestoffer.strategy.expression;

import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;

import org.jspecify.annotations.Nullable;

import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelExpr.ExprKind.Kind;
import dev.cel.common.types.SimpleType;
import io.nextbestoffer.strategy.input.Scope;

/**
 * Turns expressions of the most common shapes into Java functions: comparisons of attributes and constants of one
 * type, joined by {@code &&}, {@code ||} and {@code !}; arithmetic of doubles and {@code ?:}. They give the same
 * results and fail in the same cases as CEL's interpreter, in a tenth of its time. For every other shape the methods
 * return null, and the interpreter evaluates the expression.
 */
final class DirectEvaluator {

    private final CheckedTree tree;

    DirectEvaluator(CheckedTree tree) {
        this.tree = tree;
    }

    // Conditions

    @Nullable
    Predicate<Scope> condition(CelExpr expression) {
        if (!tree.type(expression).equals(SimpleType.BOOL)) {
            return null;
        }
        if (expression.getKind() == Kind.CALL) {
            return conditionOfCall(expression.call().function(), expression.call().args());
        }
        if (tree.symbol(expression) instanceof Symbol.NamedExpression named) {
            return named.expression().directCondition();
        }
        Function<Scope, Object> value = value(expression);
        return value == null ? null : scope -> (Boolean) value.apply(scope);
    }

    private @Nullable Predicate<Scope> conditionOfCall(String function, List<CelExpr> arguments) {
        return switch (function) {
            case "_&&_" -> and(condition(arguments.get(0)), condition(arguments.get(1)));
            case "_||_" -> or(condition(arguments.get(0)), condition(arguments.get(1)));
            case "!_" -> not(condition(arguments.get(0)));
            case "_<_", "_<=_", "_>_", "_>=_", "_==_", "_!=_" ->
                comparison(function, arguments.get(0), arguments.get(1));
            case "@in" -> membership(arguments.get(0), tree.literals(arguments.get(1)));
            default -> null;
        };
    }

    /** If one side is false, the result is false even if the other side can't be computed. */
    private static @Nullable Predicate<Scope> and(@Nullable Predicate<Scope> left, @Nullable Predicate<Scope> right) {
        return left == null || right == null ? null : scope -> {
            boolean first;
            try {
                first = left.test(scope);
            } catch (UncomputableException e) {
                if (isTrue(right.negate(), scope)) {
                    return false;
                }
                throw e;
            }
            return first && right.test(scope);
        };
    }

    /** If one side is true, the result is true even if the other side can't be computed. */
    private static @Nullable Predicate<Scope> or(@Nullable Predicate<Scope> left, @Nullable Predicate<Scope> right) {
        return left == null || right == null ? null : scope -> {
            boolean first;
            try {
                first = left.test(scope);
            } catch (UncomputableException e) {
                if (isTrue(right, scope)) {
                    return true;
                }
                throw e;
            }
            return first || right.test(scope);
        };
    }

    private static boolean isTrue(Predicate<Scope> condition, Scope scope) {
        try {
            return condition.test(scope);
        } catch (UncomputableException e) {
            return false;
        }
    }

    private static @Nullable Predicate<Scope> not(@Nullable Predicate<Scope> condition) {
        return condition == null ? null : condition.negate();
    }

    private @Nullable Predicate<Scope> membership(CelExpr element, @Nullable Set<Object> literals) {
        Function<Scope, Object> value = value(element);
        return value == null || literals == null || !tree.isStringOrInt(element)
                ? null
                : scope -> literals.contains(value.apply(scope));
    }

    // Comparisons

    private @Nullable Predicate<Scope> comparison(String function, CelExpr left, CelExpr right) {
        if (tree.isDoubleWithWhole(left, right) || tree.isDoubleWithWhole(right, left)
                || tree.isDouble(left) && tree.isDouble(right)) {
            return comparisonOfDoubles(function, number(left), number(right));
        }
        if (!tree.type(left).equals(tree.type(right))) {
            return null;
        }
        if (tree.isInt(left)) {
            return comparisonOfInts(function, value(left), value(right));
        }
        return tree.type(left).equals(SimpleType.STRING) || tree.type(left).equals(SimpleType.BOOL)
                ? equality(function, value(left), value(right))
                : null;
    }

    private static @Nullable Predicate<Scope> comparisonOfDoubles(String function,
            @Nullable ToDoubleFunction<Scope> left, @Nullable ToDoubleFunction<Scope> right) {
        if (left == null || right == null) {
            return null;
        }
        return switch (function) {
            case "_<_" -> scope -> left.applyAsDouble(scope) < right.applyAsDouble(scope);
            case "_<=_" -> scope -> left.applyAsDouble(scope) <= right.applyAsDouble(scope);
            case "_>_" -> scope -> left.applyAsDouble(scope) > right.applyAsDouble(scope);
            case "_>=_" -> scope -> left.applyAsDouble(scope) >= right.applyAsDouble(scope);
            // Whether 0.0 equals -0.0 is left to CEL
            default -> null;
        };
    }

    private static @Nullable Predicate<Scope> comparisonOfInts(String function, @Nullable Function<Scope, Object> left,
            @Nullable Function<Scope, Object> right) {
        if (left == null || right == null) {
            return null;
        }
        return switch (function) {
            case "_<_" -> scope -> (Long) left.apply(scope) < (Long) right.apply(scope);
            case "_<=_" -> scope -> (Long) left.apply(scope) <= (Long) right.apply(scope);
            case "_>_" -> scope -> (Long) left.apply(scope) > (Long) right.apply(scope);
            case "_>=_" -> scope -> (Long) left.apply(scope) >= (Long) right.apply(scope);
            default -> equality(function, left, right);
        };
    }

    private static @Nullable Predicate<Scope> equality(String function, @Nullable Function<Scope, Object> left,
            @Nullable Function<Scope, Object> right) {
        if (left == null || right == null) {
            return null;
        }
        return switch (function) {
            case "_==_" -> scope -> left.apply(scope).equals(right.apply(scope));
            case "_!=_" -> scope -> !left.apply(scope).equals(right.apply(scope));
            default -> null;
        };
    }

    // Numbers

    /** A number as a double: an expression of type double, or a whole constant. */
    @Nullable
    ToDoubleFunction<Scope> number(CelExpr expression) {
        if (!tree.isInt(expression)) {
            return doubleValue(expression);
        }
        if (!(tree.constant(expression) instanceof Long whole)) {
            return null;
        }
        double number = whole;
        return scope -> number;
    }

    /** An expression of type double. */
    @Nullable
    ToDoubleFunction<Scope> doubleValue(CelExpr expression) {
        if (!tree.isDouble(expression)) {
            return null;
        }
        if (expression.getKind() == Kind.CALL) {
            return doubleOfCall(expression.call().function(), expression.call().args());
        }
        if (tree.symbol(expression) instanceof Symbol.NamedExpression named) {
            return named.expression().directDouble();
        }
        Function<Scope, Object> value = value(expression);
        return value == null ? null : scope -> (Double) value.apply(scope);
    }

    private @Nullable ToDoubleFunction<Scope> doubleOfCall(String function, List<CelExpr> arguments) {
        return switch (function) {
            case "_?_:_" -> choice(condition(arguments.get(0)), doubleValue(arguments.get(1)),
                    doubleValue(arguments.get(2)));
            case "double" -> conversion(arguments.get(0));
            case "-_" -> negation(doubleValue(arguments.get(0)));
            case "_+_", "_-_", "_*_", "_/_", "min", "max" ->
                arithmetic(function, doubleValue(arguments.get(0)), doubleValue(arguments.get(1)));
            default -> null;
        };
    }

    private static @Nullable ToDoubleFunction<Scope> choice(@Nullable Predicate<Scope> when,
            @Nullable ToDoubleFunction<Scope> then, @Nullable ToDoubleFunction<Scope> otherwise) {
        return when == null || then == null || otherwise == null
                ? null
                : scope -> when.test(scope) ? then.applyAsDouble(scope) : otherwise.applyAsDouble(scope);
    }

    private @Nullable ToDoubleFunction<Scope> conversion(CelExpr argument) {
        if (tree.isDouble(argument)) {
            return doubleValue(argument);
        }
        Function<Scope, Object> value = tree.isInt(argument) ? value(argument) : null;
        return value == null ? null : scope -> ((Long) value.apply(scope)).doubleValue();
    }

    private static @Nullable ToDoubleFunction<Scope> negation(@Nullable ToDoubleFunction<Scope> number) {
        return number == null ? null : scope -> -number.applyAsDouble(scope);
    }

    private static @Nullable ToDoubleFunction<Scope> arithmetic(String function,
            @Nullable ToDoubleFunction<Scope> left, @Nullable ToDoubleFunction<Scope> right) {
        if (left == null || right == null) {
            return null;
        }
        return switch (function) {
            case "_+_" -> scope -> FiniteMath.add(left.applyAsDouble(scope), right.applyAsDouble(scope));
            case "_-_" -> scope -> FiniteMath.subtract(left.applyAsDouble(scope), right.applyAsDouble(scope));
            case "_*_" -> scope -> FiniteMath.multiply(left.applyAsDouble(scope), right.applyAsDouble(scope));
            case "_/_" -> scope -> FiniteMath.divide(left.applyAsDouble(scope), right.applyAsDouble(scope));
            case "min" -> scope -> Math.min(left.applyAsDouble(scope), right.applyAsDouble(scope));
            case "max" -> scope -> Math.max(left.applyAsDouble(scope), right.applyAsDouble(scope));
            default -> null;
        };
    }

    // Attributes and constants

    private @Nullable Function<Scope, Object> value(CelExpr expression) {
        if (tree.symbol(expression) instanceof Symbol.AttributeSymbol symbol) {
            var attribute = symbol.attribute();
            return scope -> scope.get(attribute);
        }
        Object constant = tree.constant(expression);
        return constant == null ? null : scope -> constant;
    }
}
