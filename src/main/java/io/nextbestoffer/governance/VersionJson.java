package io.nextbestoffer.governance;

import java.time.Instant;
import java.util.List;
import java.util.Locale;

import org.jspecify.annotations.Nullable;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;

import io.nextbestoffer.governance.StrategyVersions.LifecycleStatus;
import io.nextbestoffer.governance.StrategyVersions.StoredVersion;
import io.nextbestoffer.strategy.Finding;
import io.quarkus.runtime.annotations.RegisterForReflection;

/**
 * A version as it is told over REST.
 *
 * @param kind {@code first-match}, {@code rank} or {@code routing}
 * @param state {@code draft}, {@code scheduled}, {@code active}, {@code retired} or {@code discarded}
 * @param effectiveAt when it became active the last time, or will be; absent if it never was
 * @param document its text, where it was asked for
 * @param findings what is questionable in it in view of the present catalog, where it was asked for
 */
@RegisterForReflection
@JsonInclude(JsonInclude.Include.NON_NULL)
record VersionJson(String strategy, int version, String kind, String state, String description, String author,
        @JsonProperty("created_at") Instant createdAt, @Nullable String comment,
        @JsonProperty("effective_at") @Nullable Instant effectiveAt, List<Approval> approvals,
        @Nullable String document, @Nullable List<FindingJson> findings) {

    @RegisterForReflection
    record Approval(@JsonProperty("approved_by") String by, @JsonProperty("approved_at") Instant at, String comment) {
    }

    static VersionJson of(StoredVersion saved, LifecycleStatus standing) {
        return of(saved, standing, null, null);
    }

    static VersionJson of(StoredVersion saved, LifecycleStatus standing, @Nullable String document,
            @Nullable List<Finding> findings) {
        Activation last = standing.history().activations().stream()
                .filter(one -> one.version().equals(saved.version())).reduce((one, later) -> later).orElse(null);
        return new VersionJson(saved.version().strategy(), saved.version().version(), saved.kind(),
                standing.state(saved).name().toLowerCase(Locale.ROOT), saved.description(), saved.author().name(),
                saved.createdAt(), saved.comment(), last == null ? null : last.effectiveAt(),
                saved.approvals().stream().map(one -> new Approval(one.by().name(), one.at(), one.comment())).toList(),
                document, findings == null ? null : findings.stream().map(FindingJson::of).toList());
    }
}
