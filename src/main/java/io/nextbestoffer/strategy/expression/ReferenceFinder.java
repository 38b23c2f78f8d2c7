package io.nextbestoffer.strategy.expression;

import java.util.ArrayList;
import java.util.List;

import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelExpr.ExprKind.Kind;

/** Finds what a parsed expression refers to. */
final class ReferenceFinder {

    /** More than anybody writes, far less than overflows the stack of the checker or of an evaluation. */
    static final int MAX_DEPTH = 64;

    /**
     * A name an expression uses.
     *
     * @param id of the expression where the name begins
     */
    record Reference(String name, long id) {
    }

    private final List<Reference> found = new ArrayList<>();
    private int depth;
    private boolean tooDeep;
    private boolean braces;

    ReferenceFinder(CelExpr expression) {
        visit(expression, 0);
    }

    List<Reference> found() {
        return found;
    }

    boolean isTooDeep() {
        return tooDeep;
    }

    /** Whether it makes maps or protobuf messages, which nothing in a strategy can use. */
    boolean hasBraces() {
        return braces;
    }

    /** Of the expression itself, from 0. */
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
            default -> {
                // constants refer to nothing; comprehensions come from macros, which are off
            }
        }
    }
}
