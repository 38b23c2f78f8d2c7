package io.nextbestoffer.recommendation;

import java.time.Clock;
import java.util.function.Supplier;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;

import io.nextbestoffer.governance.Snapshot;
import io.nextbestoffer.governance.Snapshots;
import io.nextbestoffer.platform.Problems;
import io.nextbestoffer.strategy.Chooser;
import io.nextbestoffer.strategy.Document;

/** Gives each request a ranker with the active version of the configured strategy. */
@ApplicationScoped
class Recommender {

    private final Supplier<Snapshot> snapshots;
    private final RecommendationConfig config;
    private final Clock clock;

    @Inject
    Recommender(Snapshots snapshots, RecommendationConfig config, Clock clock) {
        this(snapshots::require, config, clock);
    }

    Recommender(Supplier<Snapshot> snapshots, RecommendationConfig config, Clock clock) {
        this.snapshots = snapshots;
        this.config = config;
        this.clock = clock;
    }

    /** Takes one snapshot: call it once per request. Fails with a problem while no products can be ranked. */
    ProductRanker ranker() {
        Chooser chooser = snapshots.get().chooser(config.strategy());
        if (chooser == null) {
            throw notReady("No version of strategy " + config.strategy()
                    + " (nbo.recommendations.strategy) is active.");
        }
        if (!chooser.strategy().kind().equals(Document.RANK)) {
            throw notReady("Strategy " + config.strategy()
                    + " (nbo.recommendations.strategy) does not rank offers: it has rules.");
        }
        if (!chooser.obstacles().isEmpty()) {
            throw notReady("Strategy " + config.strategy() + ": " + String.join("; ", chooser.obstacles()) + ".");
        }
        return new ProductRanker(chooser, clock.instant());
    }

    private static RuntimeException notReady(String detail) {
        return Problems.problem(503, "not-ready", "Not ready", detail).build();
    }
}
