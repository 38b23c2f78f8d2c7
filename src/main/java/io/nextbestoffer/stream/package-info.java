/** What the Kafka stages share: batches of bytes in, one Kafka transaction out. */
@NullMarked
package io.nextbestoffer.stream;

import org.jspecify.annotations.NullMarked;
