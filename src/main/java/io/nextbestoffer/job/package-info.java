/** Long-running jobs: their state, progress, throttling and audit, and their takeover when a replica dies. */
@NullMarked
package io.nextbestoffer.job;

import org.jspecify.annotations.NullMarked;
