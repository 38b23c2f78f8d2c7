/** Compiles and evaluates expressions in CEL, and exposes their structure to explanations and checks. */
@NullMarked
package io.nextbestoffer.strategy.expression;

import org.jspecify.annotations.NullMarked;
