/** Reads, follows, creates and verifies topics outside the exactly-once stage. */
@NullMarked
package io.nextbestoffer.kafka.topic;

import org.jspecify.annotations.NullMarked;
