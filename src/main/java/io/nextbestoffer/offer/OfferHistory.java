package io.nextbestoffer.offer;

import java.time.Duration;
import java.util.List;
import java.util.stream.StreamSupport;

import jakarta.enterprise.context.ApplicationScoped;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.offer.OfferChange.Action;
import io.nextbestoffer.platform.security.Actor;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;

/** Reads the history of an offer: its changes, with actor and time. Triggers on the table of offers write it. */
@ApplicationScoped
class OfferHistory {

    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    private final Pool postgres;

    OfferHistory(Pool postgres) {
        this.postgres = postgres;
    }

    /**
     * Changes of an offer, the newest first; none if no offer ever had this id.
     *
     * @param before only changes with a lower revision
     */
    Uni<List<OfferChange>> page(String id, long before, int limit) {
        return postgres.preparedQuery("""
                select offer_id, numeric_id, offer_name, offer_url, category, attributes::text as attributes,
                    valid_from, valid_until, deleted, since_revision, changed_at, changed_by,
                    changed_by_subject,
                    lead(since_revision) over newest_first as previous_revision,
                    coalesce(lead(deleted) over newest_first, true) as created
                from offer_version where offer_id = $1 and since_revision < $2
                window newest_first as (order by since_revision desc)
                order by since_revision desc limit $3
                """)
                .execute(Tuple.of(id, before, limit))
                .ifNoItem().after(TIMEOUT).fail()
                .map(rows -> StreamSupport.stream(rows.spliterator(), false).map(OfferHistory::change).toList());
    }

    private static @Nullable Actor actor(Row row) {
        String name = row.getString("changed_by");
        return name == null ? null : new Actor(row.getString("changed_by_subject"), name);
    }

    private static OfferChange change(Row row) {
        boolean deleted = row.getBoolean("deleted");
        return new OfferChange(deleted ? Action.DELETED : row.getBoolean("created") ? Action.CREATED : Action.REPLACED,
                row.getLong("since_revision"), row.getLong("previous_revision"), actor(row),
                OfferRepository.instant(row, "changed_at"),
                deleted ? null : OfferRepository.offer(row, (name, message) -> {
                }));
    }
}
