package io.nextbestoffer.governance;

import org.jspecify.annotations.Nullable;

/**
 * What is written down of a change.
 *
 * @param who did it
 * @param reason of his; null where none is asked for
 */
record AuditInfo(String who, @Nullable String reason) {
}
