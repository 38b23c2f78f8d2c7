/** Avro in Confluent's wire format: schemas from the registry, records to attributes and back. */
@NullMarked
package io.nextbestoffer.kafka.avro;

import org.jspecify.annotations.NullMarked;
