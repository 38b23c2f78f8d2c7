/** Decides who may change decision rules and when changes take effect: versions of strategies and of the routing. */
@NullMarked
package io.nextbestoffer.governance;

import org.jspecify.annotations.NullMarked;
