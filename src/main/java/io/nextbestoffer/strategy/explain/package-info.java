/** Explains a choice: how each condition came out, and what would have changed the offer. */
@NullMarked
package io.nextbestoffer.strategy.explain;

import org.jspecify.annotations.NullMarked;
