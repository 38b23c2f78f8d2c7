/**
 * The exactly-once stage: reads batches, hands them to a handler, and commits output and offsets in one transaction.
 */
@NullMarked
package io.nextbestoffer.kafka.stage;

import org.jspecify.annotations.NullMarked;
