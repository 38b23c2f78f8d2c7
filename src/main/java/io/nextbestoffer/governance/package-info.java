/** Versions of strategies and of the routing: authorship, approval, activation, and when changes take effect. */
@NullMarked
package io.nextbestoffer.governance;

import org.jspecify.annotations.NullMarked;
