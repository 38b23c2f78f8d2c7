package io.nextbestoffer.strategy.expression;

import java.util.ArrayList;
import java.util.List;

import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelExpr.ExprKind.Kind;

/** Finds the names that a parsed expression refers to, and what makes it unacceptable. */
final class ReferenceFinder {

    /** More than anyone writes, and far less than overflows the stack of the checker or of an evaluation. */
    static final int MAX_DEPTH = 64;

    /**
     * A use of a name.
     *
     * @param id the id of the expression at which the name begins
     */
    record Reference(String name, long id) {
    }

    private final List<Reference> found = new ArrayList<>();
    private int depth;
    private boolean tooDeep;
    private boolean braces;
    private boolean infinite;

    ReferenceFinder(CelExpr expression) {
        visit(expression, 0);
    }

    List<Reference> found() {
        return found;
    }

    boolean isTooDeep() {
        return tooDeep;
    }

    /** Whether it constructs maps or protobuf messages, which nothing in a strategy can use. */
    boolean hasBraces() {
        return braces;
    }

    /** Whether it has a literal that is too large for a double. */
    boolean hasInfinity() {
        return infinite;
    }

    /** The nesting depth of the expression itself, from 0. */
    int depth() {
        return depth;
    }

    private void visit(CelExpr expression, int depth) {
        this.depth = Math.max(this.depth, depth);
        if (depth > MAX_DEPTH) {
            tooDeep = true;
            return;
        }
        switch (expression.getKind()) {
            case IDENT -> found.add(new Reference(expression.ident().name(), expression.id()));
            case SELECT -> {
                CelExpr operand = expression.select().operand();
                if (operand.getKind() == Kind.IDENT) {
                    found.add(new Reference(operand.ident().name() + "." + expression.select().field(),
                            operand.id()));
                } else {
                    visit(operand, depth + 1);
                }
            }
            case CALL -> {
                expression.call().target().ifPresent(target -> visit(target, depth + 1));
                expression.call().args().forEach(argument -> visit(argument, depth + 1));
            }
            case LIST -> expression.list().elements().forEach(element -> visit(element, depth + 1));
            case MAP, STRUCT -> braces = true;
            case CONSTANT -> infinite |= expression.constant().getKind() == CelConstant.Kind.DOUBLE_VALUE
                    && Double.isInfinite(expression.constant().doubleValue());
            default -> {
                // comprehensions come from macros, which are off
            }
        }
    }
}
