package io.nextbestoffer.governance;

import java.time.Instant;
import java.util.List;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.platform.security.Actor;

/**
 * A version of a strategy in the database, without its document.
 *
 * @param kind {@code first-match}, {@code rank} or {@code routing}
 */
record StoredVersion(VersionRef version, String kind, String description, Actor author, Instant createdAt,
        @Nullable String comment, boolean discarded, List<StoredApproval> approvals) {

    record StoredApproval(Actor by, Instant at, String comment) {
    }

    boolean isApprovedBySecondPerson() {
        return approvals.stream().anyMatch(approval -> !approval.by().isSameAs(author));
    }
}
