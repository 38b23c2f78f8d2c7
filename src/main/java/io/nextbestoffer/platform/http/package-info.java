/** Applies to every HTTP request: limits of size, rate and time, and the handling of malformed requests. */
@NullMarked
package io.nextbestoffer.platform.http;

import org.jspecify.annotations.NullMarked;
