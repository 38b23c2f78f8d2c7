/** Explains past decisions from what they used. */
@NullMarked
package io.nextbestoffer.explanation;

import org.jspecify.annotations.NullMarked;
