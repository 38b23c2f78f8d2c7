/** Views of topics: what the service derives from committed records and keeps in Postgres. */
@NullMarked
package io.nextbestoffer.kafka.view;

import org.jspecify.annotations.NullMarked;
