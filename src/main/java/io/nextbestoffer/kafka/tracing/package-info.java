/** OpenTelemetry spans and timers of stages, and the W3C trace context in record headers. */
@NullMarked
package io.nextbestoffer.kafka.tracing;

import org.jspecify.annotations.NullMarked;
