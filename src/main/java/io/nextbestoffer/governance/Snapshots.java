package io.nextbestoffer.governance;

import java.util.ArrayList;
import java.util.List;

import jakarta.enterprise.context.ApplicationScoped;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.offer.Catalog;
import io.nextbestoffer.offer.Offers;
import io.nextbestoffer.platform.Problems;

/** What is in force now: strategies, routing and catalog, together. */
@ApplicationScoped
public class Snapshots {

    private final Offers offers;
    private final ActiveStrategyCache documents;
    private volatile @Nullable Snapshot latest;

    Snapshots(Offers offers, ActiveStrategyCache documents) {
        this.offers = offers;
        this.documents = documents;
    }

    /** Strategies and catalog as they are now; null if either is not known. Some may lack offers. */
    public @Nullable Snapshot current() {
        Catalog catalog = offers.current();
        ActiveStrategies active = documents.current();
        if (catalog == null || active == null) {
            return null;
        }
        Snapshot held = latest;
        if (held == null || !held.isOf(active, catalog)) {
            held = new Snapshot(active, catalog);
            latest = held;
        }
        return held;
    }

    /** The same, for a request; fails with a problem if it is not known. */
    public Snapshot require() {
        Snapshot snapshot = current();
        if (snapshot == null) {
            throw Problems.problem(503, "not-ready", "Not ready", String.valueOf(obstacle())).build();
        }
        return snapshot;
    }

    /** What to decide activities by; null while {@link #obstacle} says why not. */
    @Nullable
    public Snapshot forActivities() {
        Snapshot snapshot = current();
        return snapshot == null || !snapshot.obstacles().isEmpty() ? null : snapshot;
    }

    /** What keeps this replica from deciding, or will soon; null if nothing does. */
    public @Nullable String obstacle() {
        if (!offers.isReachable() || !documents.isReachable()) {
            return "Postgres does not answer";
        }
        Snapshot snapshot = current();
        String unusable = documents.obstacle();
        if (snapshot == null) {
            return unusable != null
                    ? unusable
                    : "the catalog or the strategies could not be read from Postgres lately";
        }
        // What can't be used may be of no account: nothing may be routed to it
        List<String> obstacles = new ArrayList<>(snapshot.obstacles());
        if (!obstacles.isEmpty() && unusable != null) {
            obstacles.add(unusable);
        }
        return obstacles.isEmpty() ? null : String.join("; ", obstacles);
    }
}
