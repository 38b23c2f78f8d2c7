/** Products and, later, recommendations. */
@NullMarked
package io.nextbestoffer.recommendation;

import org.jspecify.annotations.NullMarked;
