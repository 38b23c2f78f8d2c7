/** The documents of strategies: YAML with positions, and what is wrong with it. */
@NullMarked
package io.nextbestoffer.strategy.document;

import org.jspecify.annotations.NullMarked;
