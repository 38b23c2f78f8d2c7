/** Records in Avro: the Confluent wire format, schemas from a registry, and how they become attributes. */
@NullMarked
package io.nextbestoffer.avro;

import org.jspecify.annotations.NullMarked;
