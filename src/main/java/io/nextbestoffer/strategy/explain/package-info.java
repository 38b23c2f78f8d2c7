/** Explains a choice: the result of each condition, and the changes that would have led to another offer. */
@NullMarked
package io.nextbestoffer.strategy.explain;

import org.jspecify.annotations.NullMarked;
