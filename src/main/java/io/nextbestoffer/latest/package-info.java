/** The latest offer of each customer: store, look-up, explanation and live stream. */
@NullMarked
package io.nextbestoffer.latest;

import org.jspecify.annotations.NullMarked;
