package io.nextbestoffer.strategy.expression;

import dev.cel.common.types.CelType;
import io.nextbestoffer.strategy.input.Attribute;
import io.nextbestoffer.strategy.input.Scope;

/** Something that an expression can refer to by name. */
sealed interface Symbol {

    /** The name in expressions. */
    String reference();

    CelType type();

    /**
     * The value in a scope.
     *
     * @throws UncomputableException if it is an expression that can't be computed
     */
    Object value(Scope scope);

    /** A declared attribute. */
    record AttributeSymbol(Attribute attribute) implements Symbol {

        @Override
        public String reference() {
            return attribute.reference();
        }

        @Override
        public CelType type() {
            return attribute.type().cel;
        }

        @Override
        public Object value(Scope scope) {
            return scope.get(attribute);
        }
    }

    /** A named constant. */
    record ConstantSymbol(String reference, CelType type, Object value) implements Symbol {

        @Override
        public Object value(Scope scope) {
            return value;
        }
    }

    /** A named expression. */
    record NamedExpression(String reference, Expression expression) implements Symbol {

        @Override
        public CelType type() {
            return expression.type();
        }

        @Override
        public Object value(Scope scope) {
            return expression.value(scope);
        }
    }
}
