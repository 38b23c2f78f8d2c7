/** Reads strategy documents. */
@NullMarked
package io.nextbestoffer.strategy.parse;

import org.jspecify.annotations.NullMarked;
