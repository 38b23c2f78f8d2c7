/** What customers do: the activity record, its JSON on the wire, and {@code POST /activities}. */
@NullMarked
package io.nextbestoffer.activity;

import org.jspecify.annotations.NullMarked;
