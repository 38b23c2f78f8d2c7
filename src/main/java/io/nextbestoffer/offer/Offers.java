package io.nextbestoffer.offer;

import java.time.Duration;
import java.util.HashMap;
import java.util.NoSuchElementException;

import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;

import org.jboss.logging.Logger;
import org.jboss.logging.Logger.Level;
import org.jspecify.annotations.Nullable;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;

import io.nextbestoffer.attribute.Id;
import io.nextbestoffer.platform.Ticker;
import io.quarkus.runtime.Startup;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.SqlClient;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;

/** The catalog in memory, at most about a second behind Postgres; and the catalog of any earlier revision. */
@Startup
@ApplicationScoped
public class Offers {

    private static final Logger LOG = Logger.getLogger(Offers.class);
    private static final long NO_REVISION = -1;
    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    /** Most explanations are of recent decisions, so a few revisions suffice. */
    private static final int PAST_REVISIONS = 16;

    private final Pool postgres;
    private final OfferConfig config;
    private final Cache<Long, Catalog> past = Caffeine.newBuilder().maximumSize(PAST_REVISIONS).build();
    private final Ticker refreshing;
    private volatile @Nullable Catalog catalog;
    private volatile long refreshed;
    private volatile boolean reachable;

    Offers(Pool postgres, OfferConfig config) {
        if (config.refresh().compareTo(config.maxAge()) >= 0) {
            throw new ConfigurationException("nbo.offers.refresh (" + config.refresh()
                    + ") must be less than nbo.offers.max-age (" + config.maxAge()
                    + "): otherwise the catalog would be too old before each poll");
        }
        this.postgres = postgres;
        this.config = config;
        refreshing = Ticker.every(config.refresh(), this::refresh, failure -> {
            // Warns once per outage; readiness and metrics show how long it lasts
            LOG.logf(reachable || catalog == null ? Level.WARN : Level.DEBUG, "Could not refresh the catalog: %s",
                    failure.getClass().getName());
            reachable = false;
        });
    }

    /** The catalog; null if it has not been loaded yet, or if polls have failed for longer than its maximum age. */
    public @Nullable Catalog current() {
        return System.nanoTime() - refreshed > config.maxAge().toNanos() ? null : catalog;
    }

    /** Time since the last successful poll began; null if the catalog has not been loaded yet. */
    public @Nullable Duration age() {
        return catalog == null ? null : Duration.ofNanos(System.nanoTime() - refreshed);
    }

    /** Whether the last poll that was due has succeeded; false if the catalog has not been loaded yet. */
    public boolean isCurrent() {
        Duration age = age();
        return age != null && age.compareTo(config.refresh().plus(TIMEOUT)) <= 0;
    }

    /** Whether the last poll succeeded. */
    public boolean isReachable() {
        return reachable;
    }

    /**
     * The catalog of a revision. Fails with {@link NoSuchElementException} if the revision does not exist, or is older
     * than the history.
     */
    public Uni<Catalog> at(long revision) {
        Catalog latest = catalog;
        Catalog cached = latest != null && latest.revision() == revision ? latest : past.getIfPresent(revision);
        if (cached != null) {
            return Uni.createFrom().item(cached);
        }
        // Scans the primary key backwards, so that the latest version of each offer comes first
        return postgres.preparedQuery("""
                select $1::bigint as revision, o.*
                from catalog_revision r left join (
                    select distinct on (offer_id) offer_id, numeric_id, offer_name, offer_url, category,
                        attributes::text as attributes, valid_from, valid_until, deleted
                    from offer_version where since_revision <= $1 order by offer_id desc, since_revision desc
                ) o on not o.deleted
                where $1 between r.history_from and r.revision
                """)
                .execute(Tuple.of(revision))
                .ifNoItem().after(TIMEOUT).fail()
                .map(rows -> {
                    if (rows.size() == 0) {
                        throw new NoSuchElementException("the history has no catalog revision " + revision);
                    }
                    Catalog loaded = toCatalog(rows);
                    past.put(revision, loaded);
                    return loaded;
                });
    }

    /** Reads the catalog within a transaction. */
    public Uni<Catalog> read(SqlConnection transaction) {
        return readUnless(transaction, NO_REVISION).map(Offers::toCatalog);
    }

    private Uni<Void> refresh() {
        long started = System.nanoTime();
        Catalog latest = catalog;
        return readUnless(postgres, latest == null ? NO_REVISION : latest.revision())
                .ifNoItem().after(TIMEOUT).fail()
                .invoke(rows -> {
                    Catalog loaded = rows.size() > 0 ? toCatalog(rows) : null;
                    refreshed = started;
                    if (loaded != null) {
                        catalog = loaded;
                        LOG.infof("catalog revision %d: %d offers", loaded.revision(), loaded.offers().size());
                    }
                    reachable = true;
                })
                .replaceWithVoid();
    }

    /**
     * Reads the revision with all offers in one statement; no rows if the revision is still the given one. An empty
     * catalog is one row without an offer.
     */
    private static Uni<RowSet<Row>> readUnless(SqlClient client, long revision) {
        return client.preparedQuery("""
                select r.revision, o.offer_id, o.numeric_id, o.offer_name, o.offer_url, o.category,
                    o.attributes::text as attributes, o.valid_from, o.valid_until
                from catalog_revision r left join offer o on true
                where r.revision <> $1
                """)
                .execute(Tuple.of(revision));
    }

    private static Catalog toCatalog(RowSet<Row> rows) {
        var offers = new HashMap<Id, Offer>();
        long revision = 0;
        for (Row row : rows) {
            revision = row.getLong("revision");
            if (row.getString("offer_id") != null) {
                Offer offer = OfferRepository.offer(row, (name, message) -> LOG.warnf(
                        "offer %s: ignoring attribute \"%s\": %s", row.getString("offer_id"), name, message));
                offers.put(offer.id(), offer);
            }
        }
        return new Catalog(revision, offers);
    }

    @PreDestroy
    void close() {
        refreshing.close();
    }
}
