package io.nextbestoffer.governance;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import jakarta.enterprise.context.ApplicationScoped;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.offer.Catalog;
import io.nextbestoffer.offer.Offers;
import io.nextbestoffer.platform.Problems;

/** Combines the active strategies, the routing and the catalog into one consistent {@link Snapshot}. */
@ApplicationScoped
public class Snapshots {

    private final Offers offers;
    private final ActiveStrategyCache strategies;
    private volatile @Nullable Snapshot latest;

    Snapshots(Offers offers, ActiveStrategyCache strategies) {
        this.offers = offers;
        this.strategies = strategies;
    }

    /** The current snapshot; null if the strategies or the catalog are not loaded. It may have obstacles. */
    public @Nullable Snapshot current() {
        Catalog catalog = offers.current();
        ActiveStrategies active = strategies.current();
        if (catalog == null || active == null) {
            return null;
        }
        Snapshot snapshot = latest;
        if (snapshot == null || !snapshot.isBasedOn(active, catalog)) {
            snapshot = new Snapshot(active, catalog);
            latest = snapshot;
        }
        return snapshot;
    }

    /** The current snapshot, for a request; fails with a problem if the strategies or the catalog are not loaded. */
    public Snapshot require() {
        Snapshot snapshot = current();
        if (snapshot == null) {
            throw Problems.problem(503, "not-ready", "Not ready", String.valueOf(obstacle())).build();
        }
        return snapshot;
    }

    /** The snapshot to decide activities by; null if {@link #obstacle} prevents it. */
    @Nullable
    public Snapshot forActivities() {
        Snapshot snapshot = current();
        return snapshot == null || !snapshot.obstacles().isEmpty() ? null : snapshot;
    }

    /** Whether the last polls of strategies and catalog succeeded. */
    public boolean isPostgresReachable() {
        return offers.isReachable() && strategies.isReachable();
    }

    /** Time since strategies and catalog were both read from Postgres; null if they have not been loaded yet. */
    public @Nullable Duration age() {
        Duration ofCatalog = offers.age();
        Duration ofStrategies = strategies.age();
        if (ofCatalog == null || ofStrategies == null) {
            return null;
        }
        return ofCatalog.compareTo(ofStrategies) > 0 ? ofCatalog : ofStrategies;
    }

    /**
     * Fails if strategies or catalog have been loaded, but not recently: a partition that another replica decided by a
     * newer version must not return to the older one.
     */
    public void requireCurrent() {
        if (strategies.age() != null && !strategies.isCurrent() || offers.age() != null && !offers.isCurrent()) {
            throw new OutdatedSnapshotException();
        }
    }

    private static final class OutdatedSnapshotException extends IllegalStateException {

        OutdatedSnapshotException() {
            super("strategies and catalog have not been read from Postgres recently");
        }
    }

    /** The obstacle that prevents this replica from deciding; null if there is none. */
    public @Nullable String obstacle() {
        Snapshot snapshot = current();
        String unusable = strategies.obstacle();
        if (snapshot == null) {
            if (!isPostgresReachable()) {
                return age() == null
                        ? "Postgres does not answer"
                        : "Postgres does not answer, and the strategies or the catalog are too old"
                                + " (nbo.strategies.max-age, nbo.offers.max-age)";
            }
            return unusable != null
                    ? unusable
                    : "the catalog or the strategies have not been loaded from Postgres recently";
        }
        // A version that can't be used is an obstacle only if the routing names it
        List<String> obstacles = new ArrayList<>(snapshot.obstacles());
        if (!obstacles.isEmpty() && unusable != null) {
            obstacles.add(unusable);
        }
        return obstacles.isEmpty() ? null : String.join("; ", obstacles);
    }
}
