package io.nextbestoffer.strategy.expression;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;

import org.jspecify.annotations.Nullable;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelExpr.ExprKind.Kind;
import dev.cel.common.types.CelType;
import dev.cel.common.types.SimpleType;
import io.nextbestoffer.strategy.input.Scope;

/**
 * Expressions as most rules and scores have them: attributes and constants of one type, compared, joined by
 * {@code &&}, {@code ||} and {@code !}; doubles, added, multiplied and chosen by {@code ?:}. Their evaluation needs
 * none of what CEL's interpreter has for the general case, and takes a tenth of its time; it means the same, as every
 * attribute has a value of its type. Everything else is left to CEL.
 */
final class DirectEvaluator {

    /** Beyond it, a double stands for several whole numbers. */
    private static final long MAX_EXACT = 1L << 53;

    private final CelAbstractSyntaxTree checked;
    private final SymbolTable names;

    DirectEvaluator(CelAbstractSyntaxTree checked, SymbolTable names) {
        this.checked = checked;
        this.names = names;
    }

    /** @return null if the expression is not such a condition */
    @Nullable
    Predicate<Scope> condition(CelExpr expression) {
        if (expression.getKind() != Kind.CALL) {
            if (!type(expression).equals(SimpleType.BOOL)) {
                return null;
            }
            if (name(expression) instanceof Symbol.Named named) {
                return named.expression().direct();
            }
            Function<Scope, Object> operand = operand(expression);
            return operand == null ? null : scope -> (Boolean) operand.apply(scope);
        }
        List<CelExpr> arguments = expression.call().args();
        return switch (expression.call().function()) {
            case "_&&_" -> both(condition(arguments.get(0)), condition(arguments.get(1)), true);
            case "_||_" -> both(condition(arguments.get(0)), condition(arguments.get(1)), false);
            case "!_" -> {
                Predicate<Scope> negated = condition(arguments.get(0));
                yield negated == null ? null : negated.negate();
            }
            case "_<_", "_<=_", "_>_", "_>=_", "_==_", "_!=_" ->
                comparison(expression.call().function(), arguments.get(0), arguments.get(1));
            case "@in" -> contains(arguments.get(0), constants(arguments.get(1)));
            default -> null;
        };
    }

    private static @Nullable Predicate<Scope> both(@Nullable Predicate<Scope> left, @Nullable Predicate<Scope> right,
            boolean and) {
        if (left == null || right == null) {
            return null;
        }
        return and
                ? scope -> left.test(scope) && right.test(scope)
                : scope -> left.test(scope) || right.test(scope);
    }

    private @Nullable Predicate<Scope> contains(CelExpr element, @Nullable Set<Object> constants) {
        Function<Scope, Object> operand = operand(element);
        return operand == null || constants == null || !isDiscrete(type(element))
                ? null
                : scope -> constants.contains(operand.apply(scope));
    }

    /** The elements of a list of texts or whole numbers; null if it has others. */
    @Nullable
    Set<Object> constants(CelExpr expression) {
        if (expression.getKind() != Kind.LIST) {
            return null;
        }
        var constants = new HashSet<Object>();
        for (CelExpr element : expression.list().elements()) {
            Object constant = element.getKind() == Kind.CONSTANT && isDiscrete(type(element))
                    ? constant(element.constant())
                    : null;
            if (constant == null) {
                return null;
            }
            constants.add(constant);
        }
        return constants;
    }

    private static boolean isDiscrete(CelType type) {
        return type.equals(SimpleType.STRING) || type.equals(SimpleType.INT);
    }

    private @Nullable Predicate<Scope> comparison(String function, CelExpr leftSide, CelExpr rightSide) {
        CelType type = type(leftSide);
        if (isWholeFor(leftSide, rightSide)) {
            return doubles(function, real(leftSide), whole(rightSide));
        }
        if (isWholeFor(rightSide, leftSide)) {
            return doubles(function, whole(leftSide), real(rightSide));
        }
        if (!type.equals(type(rightSide))) {
            return null;
        }
        if (type.equals(SimpleType.DOUBLE)) {
            return doubles(function, real(leftSide), real(rightSide));
        }
        Function<Scope, Object> left = operand(leftSide);
        Function<Scope, Object> right = operand(rightSide);
        if (left == null || right == null) {
            return null;
        }
        if (type.equals(SimpleType.INT)) {
            return longs(function, left, right);
        }
        return type.equals(SimpleType.STRING) || type.equals(SimpleType.BOOL) ? equality(function, left, right) : null;
    }

    /** Whether a double is compared with a whole constant that is a double too: {@code p < 1}. (-0.0 < 0 for CEL.) */
    boolean isWholeFor(CelExpr real, CelExpr other) {
        return type(real).equals(SimpleType.DOUBLE) && type(other).equals(SimpleType.INT)
                && constantOf(other) instanceof Long whole && whole != 0 && Math.abs(whole) <= MAX_EXACT;
    }

    private @Nullable ToDoubleFunction<Scope> whole(CelExpr constant) {
        if (!(constantOf(constant) instanceof Long whole)) {
            return null;
        }
        double value = whole;
        return scope -> value;
    }

    private @Nullable Object constantOf(CelExpr expression) {
        if (expression.getKind() == Kind.CONSTANT) {
            return constant(expression.constant());
        }
        return name(expression) instanceof Symbol.Constant constant ? constant.value() : null;
    }

    private static @Nullable Predicate<Scope> longs(String function, Function<Scope, Object> left,
            Function<Scope, Object> right) {
        return switch (function) {
            case "_<_" -> scope -> (Long) left.apply(scope) < (Long) right.apply(scope);
            case "_<=_" -> scope -> (Long) left.apply(scope) <= (Long) right.apply(scope);
            case "_>_" -> scope -> (Long) left.apply(scope) > (Long) right.apply(scope);
            case "_>=_" -> scope -> (Long) left.apply(scope) >= (Long) right.apply(scope);
            default -> equality(function, left, right);
        };
    }

    private static @Nullable Predicate<Scope> doubles(String function, @Nullable ToDoubleFunction<Scope> left,
            @Nullable ToDoubleFunction<Scope> right) {
        if (left == null || right == null) {
            return null;
        }
        return switch (function) {
            case "_<_" -> scope -> left.applyAsDouble(scope) < right.applyAsDouble(scope);
            case "_<=_" -> scope -> left.applyAsDouble(scope) <= right.applyAsDouble(scope);
            case "_>_" -> scope -> left.applyAsDouble(scope) > right.applyAsDouble(scope);
            case "_>=_" -> scope -> left.applyAsDouble(scope) >= right.applyAsDouble(scope);
            // 0.0 and -0.0: let CEL say what it thinks
            default -> null;
        };
    }

    private static @Nullable Predicate<Scope> equality(String function, Function<Scope, Object> left,
            Function<Scope, Object> right) {
        return switch (function) {
            case "_==_" -> scope -> left.apply(scope).equals(right.apply(scope));
            case "_!=_" -> scope -> !left.apply(scope).equals(right.apply(scope));
            default -> null;
        };
    }

    /**
     * A number that is asked for as a double.
     *
     * @return null if it is neither a computation with doubles nor a whole constant
     */
    @Nullable
    ToDoubleFunction<Scope> number(CelExpr expression) {
        return type(expression).equals(SimpleType.INT) ? whole(expression) : real(expression);
    }

    /** @return null if it is not such a computation with doubles */
    @Nullable
    ToDoubleFunction<Scope> real(CelExpr expression) {
        if (!type(expression).equals(SimpleType.DOUBLE)) {
            return null;
        }
        if (expression.getKind() != Kind.CALL) {
            if (name(expression) instanceof Symbol.Named named) {
                return named.expression().directReal();
            }
            Function<Scope, Object> operand = operand(expression);
            return operand == null ? null : scope -> (Double) operand.apply(scope);
        }
        List<CelExpr> arguments = expression.call().args();
        return switch (expression.call().function()) {
            case "_?_:_" -> choice(condition(arguments.get(0)), real(arguments.get(1)), real(arguments.get(2)));
            case "double" -> converted(arguments.get(0));
            case "-_" -> {
                ToDoubleFunction<Scope> negated = real(arguments.get(0));
                yield negated == null ? null : scope -> -negated.applyAsDouble(scope);
            }
            case "_+_", "_-_", "_*_", "_/_", "min", "max" -> arithmetic(expression.call().function(),
                    real(arguments.get(0)), real(arguments.get(1)));
            default -> null;
        };
    }

    private static @Nullable ToDoubleFunction<Scope> choice(@Nullable Predicate<Scope> when,
            @Nullable ToDoubleFunction<Scope> then, @Nullable ToDoubleFunction<Scope> otherwise) {
        return when == null || then == null || otherwise == null
                ? null
                : scope -> when.test(scope) ? then.applyAsDouble(scope) : otherwise.applyAsDouble(scope);
    }

    private @Nullable ToDoubleFunction<Scope> converted(CelExpr argument) {
        if (type(argument).equals(SimpleType.DOUBLE)) {
            return real(argument);
        }
        Function<Scope, Object> operand = type(argument).equals(SimpleType.INT) ? operand(argument) : null;
        return operand == null ? null : scope -> ((Long) operand.apply(scope)).doubleValue();
    }

    private static @Nullable ToDoubleFunction<Scope> arithmetic(String function,
            @Nullable ToDoubleFunction<Scope> left, @Nullable ToDoubleFunction<Scope> right) {
        if (left == null || right == null) {
            return null;
        }
        return switch (function) {
            case "_+_" -> scope -> left.applyAsDouble(scope) + right.applyAsDouble(scope);
            case "_-_" -> scope -> left.applyAsDouble(scope) - right.applyAsDouble(scope);
            case "_*_" -> scope -> left.applyAsDouble(scope) * right.applyAsDouble(scope);
            case "_/_" -> scope -> left.applyAsDouble(scope) / right.applyAsDouble(scope);
            case "min" -> scope -> Math.min(left.applyAsDouble(scope), right.applyAsDouble(scope));
            case "max" -> scope -> Math.max(left.applyAsDouble(scope), right.applyAsDouble(scope));
            default -> null;
        };
    }

    /** An attribute or a constant. */
    private @Nullable Function<Scope, Object> operand(CelExpr expression) {
        if (expression.getKind() == Kind.CONSTANT) {
            Object constant = constant(expression.constant());
            return constant == null ? null : scope -> constant;
        }
        Symbol name = name(expression);
        if (name instanceof Symbol.OfAttribute of) {
            var attribute = of.attribute();
            return scope -> scope.get(attribute);
        }
        return name instanceof Symbol.Constant constant ? scope -> constant.value() : null;
    }

    /** What a part of the expression refers to, if it is no more than a name. */
    @Nullable
    Symbol name(CelExpr expression) {
        var reference = checked.getReference(expression.id());
        return reference.isPresent() ? names.get(reference.get().name()) : null;
    }

    static @Nullable Object constant(CelConstant constant) {
        return switch (constant.getKind()) {
            case INT64_VALUE -> constant.int64Value();
            case DOUBLE_VALUE -> constant.doubleValue();
            case STRING_VALUE -> constant.stringValue();
            case BOOLEAN_VALUE -> constant.booleanValue();
            default -> null;
        };
    }

    CelType type(CelExpr expression) {
        return checked.getType(expression.id()).orElse(SimpleType.DYN);
    }
}
