/** Shared infrastructure: clock, problem details, roles, tracing, logging, native-image hints. */
@NullMarked
package io.nextbestoffer.platform;

import org.jspecify.annotations.NullMarked;
