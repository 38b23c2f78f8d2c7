/** Who may change how is decided, and when it takes effect: versions of strategies and of the routing. */
@NullMarked
package io.nextbestoffer.governance;

import org.jspecify.annotations.NullMarked;
