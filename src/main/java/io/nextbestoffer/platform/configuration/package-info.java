/** Rejects configuration properties that nothing reads. */
@NullMarked
package io.nextbestoffer.platform.configuration;

import org.jspecify.annotations.NullMarked;
