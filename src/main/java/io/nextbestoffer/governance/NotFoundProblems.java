package io.nextbestoffer.governance;

import java.util.List;
import java.util.Optional;

import jakarta.enterprise.context.ApplicationScoped;

import io.nextbestoffer.governance.StrategyVersions.StoredVersion;
import io.nextbestoffer.platform.Problems;
import io.nextbestoffer.strategy.document.Suggestion;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.SqlClient;

/** Says of what is not there what there is instead. */
@ApplicationScoped
class NotFoundProblems {

    static final String STRATEGY = "The strategy does not exist";
    static final String VERSION = "The strategy or the version does not exist";

    private final StrategyVersions versions;

    NotFoundProblems(StrategyVersions versions) {
        this.versions = versions;
    }

    /** Fails with a 404, whatever is expected. */
    <T> Uni<T> version(SqlClient client, VersionRef version) {
        return strategy(client, version.strategy()).chain(newest -> Uni.createFrom()
                .failure(Problems.notFound("version-unknown", "Unknown version", version.strategy()
                        + " has no version " + version.version() + "; its newest one is "
                        + newest.version().version() + ".")));
    }

    /** The newest version of a strategy; fails with a 404 if it has none. */
    Uni<StoredVersion> strategy(SqlClient client, String strategy) {
        return versions.newest(client).map(all -> newest(all, strategy).orElseThrow(() -> Problems.notFound(
                "strategy-unknown", "Unknown strategy", "There is no strategy " + strategy
                        + Suggestion.of(strategy, all.stream().map(one -> one.version().strategy()).toList()))));
    }

    private static Optional<StoredVersion> newest(List<StoredVersion> all, String strategy) {
        return all.stream().filter(one -> one.version().strategy().equals(strategy)).findFirst();
    }
}
