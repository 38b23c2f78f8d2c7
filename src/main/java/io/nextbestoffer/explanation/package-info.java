/** Explains decisions from the recorded inputs, the strategy version and the catalog revision they used. */
@NullMarked
package io.nextbestoffer.explanation;

import org.jspecify.annotations.NullMarked;
