package io.nextbestoffer.strategy.expression;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelExpr.ExprKind.Kind;
import io.nextbestoffer.strategy.input.Attribute;

/**
 * Finds divisors that can be 0: by the declared ranges of attributes, and by the conditions that guard a division, as
 * in {@code customer.income > 0.0 && customer.debt / customer.income > 0.4}. A divisor that it doesn't understand
 * counts as one that can be 0.
 */
final class ZeroDivisorFinder {

    private final Set<String> found = new LinkedHashSet<>();

    private ZeroDivisorFinder() {
    }

    /** The divisors that can be 0, as they are written. */
    static Set<String> find(Expression expression) {
        var finder = new ZeroDivisorFinder();
        finder.visit(expression.tree(), expression.tree().root(), Map.of());
        return finder.found;
    }

    /** @param known ranges of attributes that are narrower here than declared, because of a guard */
    private void visit(CheckedTree tree, CelExpr expression, Map<Attribute, NumberRange> known) {
        if (tree.symbol(expression) instanceof Symbol.NamedExpression named) {
            visit(named.expression().tree(), named.expression().tree().root(), known);
        } else if (expression.getKind() == Kind.LIST) {
            expression.list().elements().forEach(element -> visit(tree, element, known));
        } else if (expression.getKind() == Kind.CALL) {
            expression.call().target().ifPresent(target -> visit(tree, target, known));
            visitCall(tree, expression.call().function(), expression.call().args(), known);
        }
    }

    private void visitCall(CheckedTree tree, String function, List<CelExpr> arguments,
            Map<Attribute, NumberRange> known) {
        switch (function) {
            // A side that can't be computed doesn't matter where the other side decides alone
            case "_&&_", "_||_" -> {
                boolean other = function.equals("_&&_");
                visit(tree, arguments.get(0), narrowed(known, tree, arguments.get(1), other));
                visit(tree, arguments.get(1), narrowed(known, tree, arguments.get(0), other));
            }
            case "_?_:_" -> {
                visit(tree, arguments.get(0), known);
                visit(tree, arguments.get(1), narrowed(known, tree, arguments.get(0), true));
                visit(tree, arguments.get(2), narrowed(known, tree, arguments.get(0), false));
            }
            case "_/_", "_%_" -> {
                if (range(tree, arguments.get(1), known).canBeZero()) {
                    found.add(tree.text(arguments.get(1)));
                }
                arguments.forEach(argument -> visit(tree, argument, known));
            }
            default -> arguments.forEach(argument -> visit(tree, argument, known));
        }
    }

    /** Returns the ranges of attributes where a condition is true, or false. */
    private static Map<Attribute, NumberRange> narrowed(Map<Attribute, NumberRange> known, CheckedTree tree,
            CelExpr condition, boolean value) {
        if (tree.symbol(condition) instanceof Symbol.NamedExpression named) {
            return narrowed(known, named.expression().tree(), named.expression().tree().root(), value);
        }
        if (condition.getKind() != Kind.CALL) {
            return known;
        }
        String function = condition.call().function();
        List<CelExpr> arguments = condition.call().args();
        if (function.equals("!_")) {
            return narrowed(known, tree, arguments.get(0), !value);
        }
        if (function.equals("_&&_") && value || function.equals("_||_") && !value) {
            return narrowed(narrowed(known, tree, arguments.get(0), value), tree, arguments.get(1), value);
        }
        ComparisonOperator operator = ComparisonOperator.of(function);
        if (operator == null || operator == ComparisonOperator.IN) {
            return known;
        }
        ComparisonOperator holding = value ? operator : operator.negated();
        return narrowed(narrowed(known, tree, arguments.get(0), holding, arguments.get(1)), tree, arguments.get(1),
                holding.mirrored(), arguments.get(0));
    }

    private static Map<Attribute, NumberRange> narrowed(Map<Attribute, NumberRange> known, CheckedTree tree,
            CelExpr side, ComparisonOperator operator, CelExpr other) {
        if (!(tree.symbol(side) instanceof Symbol.AttributeSymbol symbol)
                || !(tree.constant(other) instanceof Number bound)) {
            return known;
        }
        var narrowed = new HashMap<>(known);
        narrowed.put(symbol.attribute(), range(symbol.attribute(), known).where(operator, bound.doubleValue()));
        return narrowed;
    }

    private static NumberRange range(Attribute attribute, Map<Attribute, NumberRange> known) {
        NumberRange narrower = known.get(attribute);
        return narrower != null ? narrower : NumberRange.declared(attribute);
    }

    private static NumberRange range(CheckedTree tree, CelExpr expression, Map<Attribute, NumberRange> known) {
        if (tree.constant(expression) instanceof Number number) {
            return NumberRange.point(number.doubleValue());
        }
        Symbol symbol = tree.symbol(expression);
        if (symbol instanceof Symbol.AttributeSymbol of && of.attribute().type().isNumber()) {
            return range(of.attribute(), known);
        }
        if (symbol instanceof Symbol.NamedExpression named) {
            return range(named.expression().tree(), named.expression().tree().root(), known);
        }
        return expression.getKind() == Kind.CALL
                ? rangeOfCall(tree, expression.call().function(), expression.call().args(), known)
                : NumberRange.ANY;
    }

    private static NumberRange rangeOfCall(CheckedTree tree, String function, List<CelExpr> arguments,
            Map<Attribute, NumberRange> known) {
        if (function.equals("_?_:_")) {
            CelExpr when = arguments.get(0);
            return range(tree, arguments.get(1), narrowed(known, tree, when, true))
                    .or(range(tree, arguments.get(2), narrowed(known, tree, when, false)));
        }
        List<NumberRange> ranges = arguments.stream().map(argument -> range(tree, argument, known)).toList();
        return switch (function) {
            case "-_" -> ranges.get(0).negated();
            case "_+_" -> ranges.get(0).plus(ranges.get(1));
            case "_-_" -> ranges.get(0).plus(ranges.get(1).negated());
            case "_*_" -> ranges.get(0).times(ranges.get(1));
            // A quotient of ints is rounded, so it can be 0
            case "_/_" -> tree.isDouble(arguments.get(0)) ? ranges.get(0).divided() : NumberRange.ANY;
            case "min" -> ranges.get(0).min(ranges.get(1));
            case "max" -> ranges.get(0).max(ranges.get(1));
            case "double" -> tree.isDouble(arguments.get(0)) || tree.isInt(arguments.get(0))
                    ? ranges.get(0)
                    : NumberRange.ANY;
            default -> NumberRange.ANY;
        };
    }
}
