/** Runs long work: its state, progress, pacing and audit, and its takeover when a replica dies. */
@NullMarked
package io.nextbestoffer.job;

import org.jspecify.annotations.NullMarked;
