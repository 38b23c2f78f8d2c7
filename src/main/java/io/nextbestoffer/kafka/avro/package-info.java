/** Reads and writes records in Confluent's wire format, with the schemas of a registry. */
@NullMarked
package io.nextbestoffer.kafka.avro;

import org.jspecify.annotations.NullMarked;
