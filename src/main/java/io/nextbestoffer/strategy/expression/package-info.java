/** Expressions in CEL: compiled, evaluated, and taken apart to be explained. */
@NullMarked
package io.nextbestoffer.strategy.expression;

import org.jspecify.annotations.NullMarked;
