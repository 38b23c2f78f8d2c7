/** What can be said of rules before anything is decided by them. */
@NullMarked
package io.nextbestoffer.strategy.check;

import org.jspecify.annotations.NullMarked;
