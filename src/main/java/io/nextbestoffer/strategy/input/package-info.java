/** What decisions are made from: declared attributes and their values. */
@NullMarked
package io.nextbestoffer.strategy.input;

import org.jspecify.annotations.NullMarked;
