/** The inputs of decisions: declared attributes and their values. */
@NullMarked
package io.nextbestoffer.strategy.input;

import org.jspecify.annotations.NullMarked;
