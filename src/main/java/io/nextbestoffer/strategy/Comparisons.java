package io.nextbestoffer.strategy;

import java.util.List;
import java.util.function.Predicate;

import org.jspecify.annotations.Nullable;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.types.CelType;
import dev.cel.common.types.SimpleType;

/**
 * Conditions as most rules have them: attributes and constants of one type, compared, joined by {@code &&}, {@code ||}
 * and {@code !}. Their evaluation needs none of what CEL's interpreter has for the general case, and takes a tenth of
 * its time; it means the same, as every attribute has a value of its type. Everything else is left to CEL.
 */
final class Comparisons {

    private interface Operand {
        Object value(Inputs inputs);
    }

    private final CelAbstractSyntaxTree checked;
    private final Declared declared;

    private Comparisons(CelAbstractSyntaxTree checked, Declared declared) {
        this.checked = checked;
        this.declared = declared;
    }

    /** @return null if the expression is not such a condition */
    static @Nullable Predicate<Inputs> of(CelAbstractSyntaxTree checked, Declared declared) {
        return new Comparisons(checked, declared).condition(checked.getExpr());
    }

    private @Nullable Predicate<Inputs> condition(CelExpr expression) {
        if (expression.getKind() != CelExpr.ExprKind.Kind.CALL) {
            Operand operand = type(expression).equals(SimpleType.BOOL) ? operand(expression) : null;
            return operand == null ? null : inputs -> (Boolean) operand.value(inputs);
        }
        List<CelExpr> arguments = expression.call().args();
        return switch (expression.call().function()) {
            case "_&&_" -> both(condition(arguments.get(0)), condition(arguments.get(1)), true);
            case "_||_" -> both(condition(arguments.get(0)), condition(arguments.get(1)), false);
            case "!_" -> {
                Predicate<Inputs> negated = condition(arguments.get(0));
                yield negated == null ? null : negated.negate();
            }
            case "_<_", "_<=_", "_>_", "_>=_", "_==_", "_!=_" ->
                comparison(expression.call().function(), arguments.get(0), arguments.get(1));
            default -> null;
        };
    }

    private static @Nullable Predicate<Inputs> both(@Nullable Predicate<Inputs> left,
            @Nullable Predicate<Inputs> right, boolean and) {
        if (left == null || right == null) {
            return null;
        }
        return and
                ? inputs -> left.test(inputs) && right.test(inputs)
                : inputs -> left.test(inputs) || right.test(inputs);
    }

    private @Nullable Predicate<Inputs> comparison(String function, CelExpr leftSide, CelExpr rightSide) {
        Operand left = operand(leftSide);
        Operand right = operand(rightSide);
        CelType type = type(leftSide);
        if (left == null || right == null || !type.equals(type(rightSide))) {
            return null;
        }
        if (type.equals(SimpleType.INT)) {
            return longs(function, left, right);
        }
        if (type.equals(SimpleType.DOUBLE)) {
            return doubles(function, left, right);
        }
        return type.equals(SimpleType.STRING) || type.equals(SimpleType.BOOL) ? equality(function, left, right) : null;
    }

    private static @Nullable Predicate<Inputs> longs(String function, Operand left, Operand right) {
        return switch (function) {
            case "_<_" -> inputs -> (Long) left.value(inputs) < (Long) right.value(inputs);
            case "_<=_" -> inputs -> (Long) left.value(inputs) <= (Long) right.value(inputs);
            case "_>_" -> inputs -> (Long) left.value(inputs) > (Long) right.value(inputs);
            case "_>=_" -> inputs -> (Long) left.value(inputs) >= (Long) right.value(inputs);
            default -> equality(function, left, right);
        };
    }

    private static @Nullable Predicate<Inputs> doubles(String function, Operand left, Operand right) {
        return switch (function) {
            case "_<_" -> inputs -> (Double) left.value(inputs) < (Double) right.value(inputs);
            case "_<=_" -> inputs -> (Double) left.value(inputs) <= (Double) right.value(inputs);
            case "_>_" -> inputs -> (Double) left.value(inputs) > (Double) right.value(inputs);
            case "_>=_" -> inputs -> (Double) left.value(inputs) >= (Double) right.value(inputs);
            // 0.0 and -0.0: let CEL say what it thinks
            default -> null;
        };
    }

    private static @Nullable Predicate<Inputs> equality(String function, Operand left, Operand right) {
        return switch (function) {
            case "_==_" -> inputs -> left.value(inputs).equals(right.value(inputs));
            case "_!=_" -> inputs -> !left.value(inputs).equals(right.value(inputs));
            default -> null;
        };
    }

    private @Nullable Operand operand(CelExpr expression) {
        if (expression.getKind() == CelExpr.ExprKind.Kind.CONSTANT) {
            Object constant = constant(expression.constant());
            return constant == null ? null : inputs -> constant;
        }
        var reference = checked.getReference(expression.id());
        Attribute attribute = reference.isPresent() ? declared.get(reference.get().name()) : null;
        return attribute == null ? null : inputs -> inputs.get(attribute);
    }

    private static @Nullable Object constant(CelConstant constant) {
        return switch (constant.getKind()) {
            case INT64_VALUE -> constant.int64Value();
            case DOUBLE_VALUE -> constant.doubleValue();
            case STRING_VALUE -> constant.stringValue();
            case BOOLEAN_VALUE -> constant.booleanValue();
            default -> null;
        };
    }

    private CelType type(CelExpr expression) {
        return checked.getType(expression.id()).orElse(SimpleType.DYN);
    }
}
