/** What can be offered: the catalog, in memory on every replica. */
@NullMarked
package io.nextbestoffer.offer;

import org.jspecify.annotations.NullMarked;
