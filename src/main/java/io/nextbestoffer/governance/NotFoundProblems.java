package io.nextbestoffer.governance;

import java.util.List;
import java.util.Optional;

import jakarta.enterprise.context.ApplicationScoped;

import io.nextbestoffer.platform.Problems;
import io.nextbestoffer.strategy.document.Suggestion;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.SqlClient;

/** Reports that a strategy or version does not exist, and suggests an existing one. */
@ApplicationScoped
class NotFoundProblems {

    static final String STRATEGY = "The strategy does not exist";
    static final String VERSION = "The strategy or the version does not exist";

    private final StrategyVersions versions;

    NotFoundProblems(StrategyVersions versions) {
        this.versions = versions;
    }

    /** Always fails with a 404. */
    <T> Uni<T> version(SqlClient client, VersionRef version) {
        return strategy(client, version.strategy()).chain(newest -> Uni.createFrom()
                .failure(Problems.notFound("version-unknown", "Unknown version", "Strategy "
                        + version.strategy() + " has no version " + version.version() + "; the newest one is "
                        + newest.version().version() + ".")));
    }

    /** The newest version of a strategy; fails with a 404 if the strategy does not exist. */
    Uni<StoredVersion> strategy(SqlClient client, String strategy) {
        return versions.newest(client).map(all -> find(all, strategy).orElseThrow(() -> Problems.notFound(
                "strategy-unknown", "Unknown strategy", "There is no strategy " + strategy
                        + Suggestion.of(strategy, all.stream().map(newest -> newest.version().strategy()).toList()))));
    }

    private static Optional<StoredVersion> find(List<StoredVersion> all, String strategy) {
        return all.stream().filter(version -> version.version().strategy().equals(strategy)).findFirst();
    }
}
