package io.nextbestoffer.strategy.expression;

import org.jspecify.annotations.Nullable;

/** An operator that compares two values. */
public enum ComparisonOperator {

    LESS("<"), AT_MOST("<="), MORE(">"), AT_LEAST(">="), EQUAL("=="), UNEQUAL("!="), IN("in"), NOT_IN("not in");

    public final String symbol;

    ComparisonOperator(String symbol) {
        this.symbol = symbol;
    }

    static @Nullable ComparisonOperator of(String function) {
        return switch (function) {
            case "_<_" -> LESS;
            case "_<=_" -> AT_MOST;
            case "_>_" -> MORE;
            case "_>=_" -> AT_LEAST;
            case "_==_" -> EQUAL;
            case "_!=_" -> UNEQUAL;
            case "@in" -> IN;
            default -> null;
        };
    }

    /** The operator that holds when the sides are exchanged. */
    ComparisonOperator mirrored() {
        return switch (this) {
            case LESS -> MORE;
            case AT_MOST -> AT_LEAST;
            case MORE -> LESS;
            case AT_LEAST -> AT_MOST;
            default -> this;
        };
    }

    /** The operator that holds exactly where this one does not. */
    public ComparisonOperator negated() {
        return switch (this) {
            case LESS -> AT_LEAST;
            case AT_MOST -> MORE;
            case MORE -> AT_MOST;
            case AT_LEAST -> LESS;
            case EQUAL -> UNEQUAL;
            case UNEQUAL -> EQUAL;
            case IN -> NOT_IN;
            case NOT_IN -> IN;
        };
    }
}
