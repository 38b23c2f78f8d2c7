package io.nextbestoffer.strategy.expression;

import java.util.HashSet;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelExpr.ExprKind.Kind;
import dev.cel.common.types.CelType;
import dev.cel.common.types.SimpleType;
import dev.cel.parser.CelUnparserFactory;

/** The type-checked syntax tree of one expression, with the symbols it refers to. */
record CheckedTree(CelAbstractSyntaxTree ast, SymbolTable symbols) {

    /** Beyond this number, one double represents several whole numbers. */
    private static final long MAX_EXACT = 1L << 53;

    CelExpr root() {
        return ast.getExpr();
    }

    CelType type(CelExpr expression) {
        return ast.getType(expression.id()).orElse(SimpleType.DYN);
    }

    boolean isDouble(CelExpr expression) {
        return type(expression).equals(SimpleType.DOUBLE);
    }

    boolean isInt(CelExpr expression) {
        return type(expression).equals(SimpleType.INT);
    }

    /** The symbol that an expression consists of; null if it is anything else. */
    @Nullable
    Symbol symbol(CelExpr expression) {
        var reference = ast.getReference(expression.id());
        return reference.isPresent() ? symbols.get(reference.get().name()) : null;
    }

    /** The value of a literal or a named constant; null if the expression is anything else. */
    @Nullable
    Object constant(CelExpr expression) {
        if (expression.getKind() == Kind.CONSTANT) {
            return literal(expression.constant());
        }
        return symbol(expression) instanceof Symbol.ConstantSymbol constant ? constant.value() : null;
    }

    private static @Nullable Object literal(CelConstant literal) {
        return switch (literal.getKind()) {
            case INT64_VALUE -> literal.int64Value();
            case DOUBLE_VALUE -> literal.doubleValue();
            case STRING_VALUE -> literal.stringValue();
            case BOOLEAN_VALUE -> literal.booleanValue();
            default -> null;
        };
    }

    /** The elements of a list of literal strings or ints; null if the expression is anything else. */
    @Nullable
    Set<Object> literals(CelExpr expression) {
        if (expression.getKind() != Kind.LIST) {
            return null;
        }
        var literals = new HashSet<Object>();
        for (CelExpr element : expression.list().elements()) {
            Object literal = element.getKind() == Kind.CONSTANT && isStringOrInt(element)
                    ? literal(element.constant())
                    : null;
            if (literal == null) {
                return null;
            }
            literals.add(literal);
        }
        return literals;
    }

    boolean isStringOrInt(CelExpr expression) {
        return type(expression).equals(SimpleType.STRING) || isInt(expression);
    }

    /**
     * Whether a double is compared with a whole constant that is exact as a double, as in {@code p < 1}. Zero is not:
     * CEL orders -0.0 before the int 0.
     */
    boolean isDoubleWithWhole(CelExpr number, CelExpr other) {
        return isDouble(number) && isInt(other) && constant(other) instanceof Long whole && whole != 0
                && Math.abs(whole) <= MAX_EXACT;
    }

    /** The expression as it is written, with CEL's spacing. */
    String text(CelExpr expression) {
        return CelUnparserFactory.newUnparser()
                .unparse(CelAbstractSyntaxTree.newParsedAst(expression, ast.getSource()));
    }

    /** A part of this expression as an expression of its own. */
    CheckedTree part(CelExpr expression) {
        return new CheckedTree(CelAbstractSyntaxTree.newCheckedAst(expression, ast.getSource(), ast.getReferenceMap(),
                ast.getTypeMap()), symbols);
    }
}
