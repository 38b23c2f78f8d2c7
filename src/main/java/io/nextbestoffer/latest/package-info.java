/** The latest offer of each customer: view, look-up, explanation and live stream. */
@NullMarked
package io.nextbestoffer.latest;

import org.jspecify.annotations.NullMarked;
