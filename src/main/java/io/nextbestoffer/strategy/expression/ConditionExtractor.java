package io.nextbestoffer.strategy.expression;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;

import org.jspecify.annotations.Nullable;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelExpr.ExprKind.Kind;
import dev.cel.common.types.SimpleType;
import dev.cel.parser.CelUnparserFactory;
import dev.cel.runtime.CelRuntime;
import io.nextbestoffer.strategy.expression.Condition.Comparison;
import io.nextbestoffer.strategy.expression.Condition.Leaf;
import io.nextbestoffer.strategy.input.Scope;

/** Takes a compiled expression apart. Not for the hot path. */
final class ConditionExtractor {

    private final CelAbstractSyntaxTree checked;
    private final SymbolTable names;
    private final CelRuntime runtime;
    private final DirectEvaluator direct;

    ConditionExtractor(CelAbstractSyntaxTree checked, SymbolTable names, CelRuntime runtime) {
        this.checked = checked;
        this.names = names;
        this.runtime = runtime;
        this.direct = new DirectEvaluator(checked, names);
    }

    Condition condition() {
        return condition(checked.getExpr());
    }

    private Condition condition(CelExpr expression) {
        if (direct.name(expression) instanceof Symbol.Named named) {
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
        return new Leaf(text(expression), test(expression), uses(expression), comparison(expression));
    }

    private Predicate<Scope> test(CelExpr expression) {
        Predicate<Scope> test = direct.condition(expression);
        if (test != null) {
            return test;
        }
        return part(expression)::test;
    }

    private String text(CelExpr expression) {
        return CelUnparserFactory.newUnparser()
                .unparse(CelAbstractSyntaxTree.newParsedAst(expression, checked.getSource()));
    }

    private Map<String, Function<Scope, Object>> uses(CelExpr expression) {
        var uses = new LinkedHashMap<String, Function<Scope, Object>>();
        addUses(expression, uses);
        return uses;
    }

    /** A named computation, and what it is computed from. */
    private void addUses(CelExpr expression, Map<String, Function<Scope, Object>> uses) {
        for (var reference : new ReferenceFinder(expression).found()) {
            Symbol name = names.get(reference.name());
            if (name != null) {
                uses.put(name.reference(), name::value);
            }
            if (name instanceof Symbol.Named named) {
                named.expression().attributes().forEach(attribute -> uses.put(attribute.reference(),
                        scope -> scope.get(attribute)));
            }
        }
    }

    /** All comparisons, wherever they stand: where a value that passes one may change what comes out. */
    List<Comparison> comparisons() {
        var found = new ArrayList<Comparison>();
        addComparisons(checked.getExpr(), found);
        return found;
    }

    private void addComparisons(CelExpr expression, List<Comparison> found) {
        if (direct.name(expression) instanceof Symbol.Named named) {
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
            return direct.name(expression) instanceof Symbol.OfAttribute of && !of.attribute().ofOffer()
                    && of.type().equals(SimpleType.BOOL)
                            ? new Comparison(of.attribute(), ComparisonOperator.EQUAL, scope -> true, true)
                            : null;
        }
        List<CelExpr> sides = expression.call().args();
        ComparisonOperator operator = ComparisonOperator.of(expression.call().function());
        if (operator == null || sides.size() != 2) {
            return null;
        }
        if (operator == ComparisonOperator.IN) {
            var constants = direct.constants(sides.get(1));
            return constants == null ? null : comparison(sides.get(0), operator, scope -> constants, constants);
        }
        Comparison comparison = comparison(sides.get(0), operator, sides.get(1));
        return comparison != null ? comparison : comparison(sides.get(1), operator.mirrored(), sides.get(0));
    }

    private @Nullable Comparison comparison(CelExpr side, ComparisonOperator operator, CelExpr other) {
        boolean isWhole = direct.isWholeFor(side, other);
        if (!direct.type(side).equals(direct.type(other)) && !isWhole || dependsOnInputs(other)) {
            return null;
        }
        Function<Scope, Object> value = isWhole ? direct.number(other)::applyAsDouble : value(other);
        boolean isConstant = new ReferenceFinder(other).found().stream()
                .allMatch(reference -> names.get(reference.name()) instanceof Symbol.Constant);
        return value == null ? null : comparison(side, operator, value, isConstant ? constant(value) : null);
    }

    private @Nullable Comparison comparison(CelExpr side, ComparisonOperator operator, Function<Scope, Object> other,
            @Nullable Object constant) {
        return direct.name(side) instanceof Symbol.OfAttribute of && !of.attribute().ofOffer()
                ? new Comparison(of.attribute(), operator, other, constant)
                : null;
    }

    /** @return null if it can't be computed, or is no value that anything compares with */
    private static @Nullable Object constant(Function<Scope, Object> value) {
        try {
            Object constant = value.apply(NOWHERE);
            return constant instanceof Double number && number.isNaN() ? null : constant;
        } catch (UncomputableException e) {
            return null;
        }
    }

    private static final Scope NOWHERE = attribute -> {
        throw new IllegalStateException("a constant has no attributes");
    };

    private @Nullable Function<Scope, Object> value(CelExpr expression) {
        if (expression.getKind() == Kind.CONSTANT) {
            Object constant = DirectEvaluator.constant(expression.constant());
            return constant == null ? null : scope -> constant;
        }
        Symbol name = direct.name(expression);
        if (name != null) {
            return name::value;
        }
        return part(expression)::value;
    }

    private Expression part(CelExpr expression) {
        return new Expression(CelAbstractSyntaxTree.newCheckedAst(expression, checked.getSource(),
                checked.getReferenceMap(), checked.getTypeMap()), names, runtime);
    }

    private boolean dependsOnInputs(CelExpr expression) {
        return new ReferenceFinder(expression).found().stream().map(reference -> names.get(reference.name()))
                .anyMatch(name -> name instanceof Symbol.OfAttribute of && !of.attribute().ofOffer()
                        || name instanceof Symbol.Named named
                                && named.expression().attributes().stream().anyMatch(one -> !one.ofOffer()));
    }
}
