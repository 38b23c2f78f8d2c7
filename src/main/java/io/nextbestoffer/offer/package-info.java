/** The offer catalog: managed over REST or by SQL, with its history, and held in memory by every replica. */
@NullMarked
package io.nextbestoffer.offer;

import org.jspecify.annotations.NullMarked;
