package io.nextbestoffer.governance;

import java.time.Duration;
import java.util.List;

import jakarta.enterprise.context.ApplicationScoped;

import io.nextbestoffer.offer.Offers;
import io.nextbestoffer.strategy.Finding;
import io.nextbestoffer.strategy.Finding.Severity;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import io.vertx.mutiny.sqlclient.Pool;

/** Looks up versions for REST. Fails with a problem if the strategy or the version does not exist. */
@ApplicationScoped
class VersionLookup {

    /** Timeout for a REST caller. */
    static final Duration TIMEOUT = Duration.ofSeconds(5);

    private final Pool postgres;
    private final StrategyVersions versions;
    private final StrategyActivations activations;
    private final CompiledStrategyCache strategies;
    private final NotFoundProblems notFound;
    private final Offers offers;

    VersionLookup(Pool postgres, StrategyVersions versions, StrategyActivations activations,
            CompiledStrategyCache strategies, NotFoundProblems notFound, Offers offers) {
        this.postgres = postgres;
        this.versions = versions;
        this.activations = activations;
        this.strategies = strategies;
        this.notFound = notFound;
        this.offers = offers;
    }

    /** Versions of a strategy, the newest first. */
    Uni<List<VersionJson>> page(String strategy, long before, int limit) {
        return versions.page(postgres, strategy, before, limit)
                .chain(found -> found.isEmpty()
                        ? notFound.strategy(postgres, strategy).replaceWith(List.<StoredVersion>of())
                        : Uni.createFrom().item(found))
                .chain(found -> activations.status(postgres, strategy)
                        .map(status -> found.stream().map(version -> VersionJson.of(version, status)).toList()))
                .ifNoItem().after(TIMEOUT).fail();
    }

    /** A version with its document and findings. */
    Uni<VersionJson> describe(VersionRef version) {
        return Uni.combine().all().unis(find(version), activations.status(postgres, version.strategy()),
                versions.document(postgres, version), findings(version)).asTuple()
                .map(all -> VersionJson.of(all.getItem1(), all.getItem2(), all.getItem3(), all.getItem4()))
                .ifNoItem().after(TIMEOUT).fail();
    }

    private Uni<StoredVersion> find(VersionRef version) {
        return versions.find(postgres, version).onItem().ifNull().switchTo(() -> notFound.version(postgres, version));
    }

    private Uni<List<Finding>> findings(VersionRef version) {
        return strategies.find(postgres, version).chain(found -> activations.names(postgres)
                .emitOn(Infrastructure.getDefaultExecutor()).map(activated -> {
                    if (found == null) {
                        return List.of(); // the version does not exist, which find() reports
                    }
                    return found.document() == null
                            ? List.of(
                                    new Finding(Severity.ERROR, 0, 0,
                                            "this release can't use the version: " + found.problem()))
                            : DocumentChecks.run(found.document(), offers.current(), activated);
                }));
    }

    /** The document of a version, exactly as it was posted. */
    Uni<String> document(VersionRef version) {
        return versions.document(postgres, version)
                .onItem().ifNull().switchTo(() -> notFound.version(postgres, version))
                .ifNoItem().after(TIMEOUT).fail();
    }
}
