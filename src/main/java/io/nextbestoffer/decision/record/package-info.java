/** The offer record in the output topic: headers, JSON, Avro, and reading it back. */
@NullMarked
package io.nextbestoffer.decision.record;

import org.jspecify.annotations.NullMarked;
