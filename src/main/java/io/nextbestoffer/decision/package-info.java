/** The decision: a pure decider, and the stage that turns activities into offers. */
@NullMarked
package io.nextbestoffer.decision;

import org.jspecify.annotations.NullMarked;
