/** What applies to every HTTP request: size limits, rate limits and hostile request targets. */
@NullMarked
package io.nextbestoffer.platform.http;

import org.jspecify.annotations.NullMarked;
