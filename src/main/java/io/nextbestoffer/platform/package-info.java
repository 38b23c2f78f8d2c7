/** What every feature needs and no domain word fits: clock, problem details, native-image hints. */
@NullMarked
package io.nextbestoffer.platform;

import org.jspecify.annotations.NullMarked;
