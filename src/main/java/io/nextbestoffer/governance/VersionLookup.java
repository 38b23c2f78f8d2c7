package io.nextbestoffer.governance;

import java.time.Duration;
import java.util.List;

import jakarta.enterprise.context.ApplicationScoped;

import io.nextbestoffer.governance.StrategyVersions.StoredVersion;
import io.nextbestoffer.offer.Offers;
import io.nextbestoffer.strategy.Finding;
import io.nextbestoffer.strategy.Finding.Severity;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import io.vertx.mutiny.sqlclient.Pool;

/** Looks up versions for who asks; fails with a problem if there is none. */
@ApplicationScoped
class VersionLookup {

    /** Of who asks. */
    static final Duration TIMEOUT = Duration.ofSeconds(5);

    private final Pool postgres;
    private final StrategyVersions versions;
    private final CompiledStrategyCache documents;
    private final NotFoundProblems unknown;
    private final Offers offers;

    VersionLookup(Pool postgres, StrategyVersions versions, CompiledStrategyCache documents, NotFoundProblems unknown,
            Offers offers) {
        this.postgres = postgres;
        this.versions = versions;
        this.documents = documents;
        this.unknown = unknown;
        this.offers = offers;
    }

    /** Versions of a strategy, the newest first. */
    Uni<List<VersionJson>> page(String strategy, long before, int limit) {
        return versions.page(postgres, strategy, before, limit)
                .chain(found -> found.isEmpty()
                        ? unknown.strategy(postgres, strategy).replaceWith(List.<StoredVersion>of())
                        : Uni.createFrom().item(found))
                .chain(found -> versions.standing(postgres, strategy)
                        .map(standing -> found.stream().map(one -> VersionJson.of(one, standing)).toList()))
                .ifNoItem().after(TIMEOUT).fail();
    }

    /** With its document and what is questionable in it. */
    Uni<VersionJson> describe(VersionRef version) {
        return Uni.combine().all().unis(find(version), versions.standing(postgres, version.strategy()),
                versions.document(postgres, version), findings(version)).asTuple()
                .map(all -> VersionJson.of(all.getItem1(), all.getItem2(), all.getItem3(), all.getItem4()))
                .ifNoItem().after(TIMEOUT).fail();
    }

    private Uni<StoredVersion> find(VersionRef version) {
        return versions.find(postgres, version).onItem().ifNull().switchTo(() -> unknown.version(postgres, version));
    }

    private Uni<List<Finding>> findings(VersionRef version) {
        return documents.find(postgres, version).chain(found -> versions.activated(postgres)
                .emitOn(Infrastructure.getDefaultExecutor()).map(activated -> {
                    if (found == null) {
                        return List.of(); // and neither is there a version
                    }
                    return found.document() == null
                            ? List.of(
                                    new Finding(Severity.ERROR, 0, 0, "this release can't use it: " + found.problem()))
                            : DocumentChecks.of(found.document(), offers.current(), activated);
                }));
    }

    /** The text as it was posted. */
    Uni<String> document(VersionRef version) {
        return versions.document(postgres, version)
                .onItem().ifNull().switchTo(() -> unknown.version(postgres, version))
                .ifNoItem().after(TIMEOUT).fail();
    }
}
