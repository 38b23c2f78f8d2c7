/** Shows what a strategy would change: decides recorded decisions or samples with it, without sending any offers. */
@NullMarked
package io.nextbestoffer.simulation;

import org.jspecify.annotations.NullMarked;
