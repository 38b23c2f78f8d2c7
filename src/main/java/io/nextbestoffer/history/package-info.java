/** The decision log: written with the offers, stored by day, looked up by decision and customer. */
@NullMarked
package io.nextbestoffer.history;

import org.jspecify.annotations.NullMarked;
