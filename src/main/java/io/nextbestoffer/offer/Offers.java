package io.nextbestoffer.offer;

import java.time.Duration;
import java.util.HashMap;
import java.util.NoSuchElementException;

import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;

import org.jboss.logging.Logger;
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

/** The catalog in memory, as Postgres had it a second ago; and as it was at any revision before. */
@Startup
@ApplicationScoped
public class Offers {

    private static final Logger LOG = Logger.getLogger(Offers.class);
    private static final long NEVER = -1;
    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    /** Who asks why asks about the decisions of these days. */
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
                    + "): the catalog would be too old each time before it is looked up again");
        }
        this.postgres = postgres;
        this.config = config;
        refreshing = Ticker.every(config.refresh(), this::refresh, failure -> {
            reachable = false;
            LOG.warnf("Could not refresh the catalog: %s", failure.getClass().getName());
        });
    }

    /** The catalog; null if it was not loaded yet, or could not be refreshed for too long. */
    public @Nullable Catalog current() {
        return System.nanoTime() - refreshed > config.maxAge().toNanos() ? null : catalog;
    }

    /** Whether Postgres answered the last time. */
    public boolean isReachable() {
        return reachable;
    }

    /**
     * The catalog as it was at a revision. Fails with {@link NoSuchElementException} if the revision lies before the
     * history, or is none that Postgres has had.
     */
    public Uni<Catalog> at(long revision) {
        Catalog held = catalog;
        Catalog known = held != null && held.revision() == revision ? held : past.getIfPresent(revision);
        if (known != null) {
            return Uni.createFrom().item(known);
        }
        // By the primary key, backwards: the latest version of each offer comes first
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
                        throw new NoSuchElementException("the history has no catalog of revision " + revision);
                    }
                    Catalog loaded = catalog(rows);
                    past.put(revision, loaded);
                    return loaded;
                });
    }

    /** The catalog as it is, seen by a transaction. */
    public Uni<Catalog> in(SqlConnection transaction) {
        return changed(transaction, NEVER).map(Offers::catalog);
    }

    private Uni<Void> refresh() {
        long started = System.nanoTime();
        Catalog held = catalog;
        return changed(postgres, held == null ? NEVER : held.revision())
                .ifNoItem().after(TIMEOUT).fail()
                .invoke(rows -> {
                    if (rows.size() > 0) {
                        Catalog loaded = catalog(rows);
                        catalog = loaded;
                        LOG.infof("catalog revision %d: %d offers", loaded.revision(), loaded.offers().size());
                    }
                    refreshed = started;
                    reachable = true;
                })
                .replaceWithVoid();
    }

    /** All offers or, where nothing changed since a revision, no row: one round trip, one moment. */
    private static Uni<RowSet<Row>> changed(SqlClient client, long revision) {
        return client.preparedQuery("""
                select r.revision, o.offer_id, o.numeric_id, o.offer_name, o.offer_url, o.category,
                    o.attributes::text as attributes, o.valid_from, o.valid_until
                from catalog_revision r left join offer o on true
                where r.revision <> $1
                """)
                .execute(Tuple.of(revision));
    }

    private static Catalog catalog(RowSet<Row> rows) {
        var offers = new HashMap<Id, Offer>();
        long revision = 0;
        for (Row row : rows) {
            revision = row.getLong("revision");
            if (row.getString("offer_id") != null) {
                Offer offer = OfferRows.offer(row, (name, message) -> LOG.warnf(
                        "offer %s: attribute \"%s\" is left out: %s", row.getString("offer_id"), name, message));
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
