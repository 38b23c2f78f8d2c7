package io.nextbestoffer.strategy.expression;

import dev.cel.common.types.CelType;
import io.nextbestoffer.strategy.input.Attribute;
import io.nextbestoffer.strategy.input.Scope;

/** What an expression can refer to. */
sealed interface Symbol {

    /** As expressions have it. */
    String reference();

    CelType type();

    /** @throws UncomputableException if it is an expression that can't be computed */
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

    /** A named value. */
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
