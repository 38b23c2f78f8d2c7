/** Jobs that operators start: rebuilds, reconciliation and replay of dead letters. */
@NullMarked
package io.nextbestoffer.maintenance;

import org.jspecify.annotations.NullMarked;
