package io.nextbestoffer.governance;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.platform.security.Actor;

/**
 * The actor and the reason of a change, for the audit trail.
 *
 * @param reason null where none is required
 */
record AuditInfo(Actor actor, @Nullable String reason) {
}
