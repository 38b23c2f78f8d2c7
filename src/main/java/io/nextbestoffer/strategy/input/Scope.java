package io.nextbestoffer.strategy.input;

/** Where the values of attributes come from while an expression is evaluated. */
public interface Scope {

    /** @return a value of the attribute's type */
    Object get(Attribute attribute);
}
