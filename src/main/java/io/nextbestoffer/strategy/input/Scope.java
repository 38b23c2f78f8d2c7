package io.nextbestoffer.strategy.input;

/** The values of attributes while an expression is evaluated. */
public interface Scope {

    /** The value of an attribute, of the attribute's type. */
    Object get(Attribute attribute);
}
