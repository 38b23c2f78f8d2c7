/** Holds what was configured to what there is to configure. */
@NullMarked
package io.nextbestoffer.configuration;

import org.jspecify.annotations.NullMarked;
