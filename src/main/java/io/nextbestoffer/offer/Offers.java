package io.nextbestoffer.offer;

import java.time.Duration;
import java.util.HashMap;

import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;

import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

import io.nextbestoffer.attribute.Attributes;
import io.nextbestoffer.attribute.Id;
import io.quarkus.runtime.Startup;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.Cancellable;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.SqlClient;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;

/** The catalog in memory, as Postgres had it a second ago. */
@Startup
@ApplicationScoped
public class Offers {

    private static final Logger LOG = Logger.getLogger(Offers.class);
    private static final long NEVER = -1;
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final Pool postgres;
    private final OfferConfig config;
    private final Cancellable refreshing;
    private volatile @Nullable Catalog catalog;
    private volatile long refreshed;
    private volatile boolean reachable;

    Offers(Pool postgres, OfferConfig config) {
        this.postgres = postgres;
        this.config = config;
        refreshing = Multi.createFrom().ticks().every(config.refresh()).onOverflow().drop()
                .onItem().transformToUniAndConcatenate(tick -> refresh())
                .subscribe().with(ignored -> {
                });
    }

    /** The catalog; null if it was not loaded yet, or could not be refreshed for too long. */
    public @Nullable Catalog current() {
        return System.nanoTime() - refreshed > config.maxAge().toNanos() ? null : catalog;
    }

    /** The catalog of a past revision. */
    public Uni<Catalog> at(long revision) {
        return Uni.createFrom().item(catalog);
    }

    /** Whether Postgres answered the last time. */
    public boolean isReachable() {
        return reachable;
    }

    /** The catalog as it is, seen by a transaction. */
    public Uni<Catalog> in(SqlConnection transaction) {
        return changed(transaction, NEVER).map(Offers::catalog);
    }

    private Uni<Void> refresh() {
        long started = System.nanoTime();
        Catalog held = catalog;
        return changed(postgres, held == null ? NEVER : held.revision())
                .ifNoItem().after(PATIENCE).fail()
                .invoke(rows -> {
                    if (rows.size() > 0) {
                        catalog = catalog(rows);
                    }
                    refreshed = started;
                    reachable = true;
                })
                .replaceWithVoid()
                .onFailure().recoverWithUni(failure -> {
                    reachable = false;
                    LOG.warnf("the catalog could not be refreshed: %s", failure.getClass().getName());
                    return Uni.createFrom().voidItem();
                });
    }

    /** All offers or, where nothing changed since a revision, no row: one round trip, one moment. */
    private static Uni<RowSet<Row>> changed(SqlClient client, long revision) {
        return client.preparedQuery("""
                select r.revision, o.offer_id, o.numeric_id, o.offer_name, o.offer_url, o.category
                from catalog_revision r left join offer o on true
                where r.revision <> $1
                """)
                .execute(Tuple.of(revision));
    }

    private static Catalog catalog(RowSet<Row> rows) {
        var offers = new HashMap<Id, Offer>();
        long revision = 0;
        for (Row row : rows) {
            revision = row.getLong(0);
            if (row.getString(1) != null) {
                var id = new Id(row.getString(1), row.getBoolean(2));
                offers.put(id, new Offer(id, row.getString(3), row.getString(4), row.getString(5),
                        Attributes.NONE, null, null));
            }
        }
        LOG.infof("catalog revision %d: %d offers", revision, offers.size());
        return new Catalog(revision, offers);
    }

    @PreDestroy
    void close() {
        refreshing.cancel();
    }
}
