package io.nextbestoffer.governance;

import java.time.Instant;
import java.util.List;
import java.util.Locale;

import org.jspecify.annotations.Nullable;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;

import io.nextbestoffer.strategy.Finding;
import io.quarkus.runtime.annotations.RegisterForReflection;

/**
 * A version of a strategy in a response.
 *
 * @param kind {@code first-match}, {@code rank} or {@code routing}
 * @param state {@code draft}, {@code scheduled}, {@code active}, {@code retired} or {@code discarded}
 * @param effectiveAt when its newest activation took or takes effect; absent if it was never activated
 * @param document its text; absent in lists
 * @param findings the findings of the checks against the current catalog and strategies; absent in lists
 */
@RegisterForReflection
@JsonInclude(JsonInclude.Include.NON_NULL)
record VersionJson(String strategy, int version, String kind, String state, String description, String author,
        @JsonProperty("created_at") Instant createdAt, @Nullable String comment,
        @JsonProperty("effective_at") @Nullable Instant effectiveAt, List<ApprovalJson> approvals,
        @Nullable String document, @Nullable List<FindingJson> findings) {

    @RegisterForReflection
    record ApprovalJson(@JsonProperty("approved_by") String by, @JsonProperty("approved_at") Instant at,
            String comment) {
    }

    static VersionJson of(StoredVersion stored, LifecycleStatus status) {
        return of(stored, status, null, null);
    }

    static VersionJson of(StoredVersion stored, LifecycleStatus status, @Nullable String document,
            @Nullable List<Finding> findings) {
        Activation newest = status.history().newestOf(stored.version());
        return new VersionJson(stored.version().strategy(), stored.version().version(), stored.kind(),
                status.state(stored).name().toLowerCase(Locale.ROOT), stored.description(), stored.author().name(),
                stored.createdAt(), stored.comment(), newest == null ? null : newest.effectiveAt(),
                stored.approvals().stream()
                        .map(approval -> new ApprovalJson(approval.by().name(), approval.at(), approval.comment()))
                        .toList(),
                document, findings == null ? null : findings.stream().map(FindingJson::of).toList());
    }
}
