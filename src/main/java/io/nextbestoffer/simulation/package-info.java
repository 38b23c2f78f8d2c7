/** What a draft of a strategy would change: it decides again what was decided, or samples, and nothing goes out. */
@NullMarked
package io.nextbestoffer.simulation;

import org.jspecify.annotations.NullMarked;
