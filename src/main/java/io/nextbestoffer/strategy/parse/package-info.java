/** Parses and compiles documents: strategies and the routing. */
@NullMarked
package io.nextbestoffer.strategy.parse;

import org.jspecify.annotations.NullMarked;
