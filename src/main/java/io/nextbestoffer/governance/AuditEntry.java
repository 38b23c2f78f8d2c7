package io.nextbestoffer.governance;

import java.time.Instant;

import org.jspecify.annotations.Nullable;

/**
 * An entry of the audit trail of strategies.
 *
 * @param id greater than the ids of all earlier entries
 * @param action {@code created}, {@code approved}, {@code activated}, {@code rolled-back}, {@code retired} or
 *     {@code discarded}
 * @param who the name of the actor
 */
record AuditEntry(long id, VersionRef version, String action, String who, Instant at, @Nullable String reason) {
}
