/** Runs long work: state, progress, pacing and cancellation. */
@NullMarked
package io.nextbestoffer.job;

import org.jspecify.annotations.NullMarked;
