package io.nextbestoffer.offer;

import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

import jakarta.enterprise.context.ApplicationScoped;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.attribute.Id;
import io.nextbestoffer.attribute.JsonWriter;
import io.nextbestoffer.platform.Problems;
import io.nextbestoffer.platform.security.Actor;
import io.quarkiverse.resteasy.problem.HttpProblem;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import io.vertx.pgclient.PgException;

/** Changes the table of offers. Triggers record each change in the offer's history, see {@link OfferHistory}. */
@ApplicationScoped
class OfferRepository {

    private static final String LOCK_NOT_AVAILABLE = "55P03";

    /** Longer than Postgres's lock timeout, so that a locked catalog is reported as such. */
    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    private final Pool postgres;

    OfferRepository(Pool postgres) {
        this.postgres = postgres;
    }

    /** @param created false if the offer replaced one with the same id */
    record StoredOffer(Offer offer, boolean created) {
    }

    /** An active or scheduled version of a strategy that names an offer. */
    @RegisterForReflection
    record OfferUse(String strategy, int version) {

        @Override
        public String toString() {
            return strategy + " version " + version;
        }
    }

    /**
     * Creates or replaces an offer.
     *
     * @param actor null if unknown
     * @param confirmation runs within the transaction, when no other transaction can change offers
     */
    Uni<StoredOffer> save(Offer offer, @Nullable Actor actor, Function<SqlConnection, Uni<Void>> confirmation) {
        // xmax is 0 unless an existing row was locked to be replaced
        return write(actor, transaction -> transaction.preparedQuery("""
                insert into offer as o
                    (offer_id, offer_name, offer_url, category, attributes, valid_from, valid_until)
                values ($1, $2, $3, $4, $5::text::json, $6, $7)
                on conflict (offer_id) do update
                set offer_name = excluded.offer_name, offer_url = excluded.offer_url, category = excluded.category,
                    attributes = excluded.attributes, valid_from = excluded.valid_from,
                    valid_until = excluded.valid_until
                returning o.offer_id, o.numeric_id, o.offer_name, o.offer_url, o.category,
                    o.attributes::text as attributes, o.valid_from, o.valid_until, o.xmax = 0 as created
                """)
                .execute(Tuple.tuple(Arrays.asList(offer.id().text(), offer.name(), offer.url(),
                        offer.category(), JsonWriter.text(offer.attributes()::writeTo), timestamp(offer.validFrom()),
                        timestamp(offer.validUntil()))))
                .map(rows -> {
                    Row row = rows.iterator().next();
                    return new StoredOffer(offer(row, (name, message) -> {
                    }), row.getBoolean("created"));
                })
                .call(stored -> confirmation.apply(transaction)));
    }

    /**
     * Deletes an offer. Fails with a problem if no offer has this id, or if an active or scheduled strategy names it.
     *
     * @param actor null if unknown
     */
    Uni<Void> delete(String id, @Nullable Actor actor) {
        // The delete locks the catalog's revision, and so does every activation of a strategy. So the rows of offer_use
        // that are read next can't change until the transaction ends
        return write(actor, transaction -> transaction.preparedQuery("delete from offer where offer_id = $1")
                .execute(Tuple.of(id))
                .invoke(deleted -> {
                    if (deleted.rowCount() == 0) {
                        throw notFound(id);
                    }
                })
                .chain(() -> transaction.preparedQuery("""
                        select strategy, version from offer_use
                        where offer_id = $1 and (until is null or until > now())
                        order by strategy, version
                        """).execute(Tuple.of(id)))
                .invoke(rows -> requireUnused(id, rows))
                .replaceWithVoid());
    }

    private static void requireUnused(String id, RowSet<Row> rows) {
        List<OfferUse> uses = StreamSupport.stream(rows.spliterator(), false)
                .map(row -> new OfferUse(row.getString(0), row.getInteger(1))).toList();
        if (!uses.isEmpty()) {
            throw Problems.problem(409, "offer-in-use", "Offer in use", "Offer " + id + " is named by "
                    + uses.stream().map(OfferUse::toString).collect(Collectors.joining(", ")) + ".")
                    .with("strategies", uses).build();
        }
    }

    static HttpProblem notFound(String id) {
        return Problems.notFound("offer-unknown", "Unknown offer", "The catalog has no offer with the id " + id + ".");
    }

    /**
     * Runs a transaction that changes offers. Fails with a problem if another one does not end within 3 s: waiting
     * longer would hold a connection that decisions need.
     *
     * @param actor recorded in the history of each changed offer; null if unknown
     */
    <T> Uni<T> write(@Nullable Actor actor, Function<SqlConnection, Uni<T>> body) {
        return postgres.withTransaction(transaction -> transaction
                .preparedQuery("""
                        select set_config('lock_timeout', '3s', true), set_config('nbo.changed_by', $1, true),
                            set_config('nbo.changed_by_subject', $2, true)
                        """)
                .execute(Tuple.of(actor == null ? "" : actor.name(),
                        actor == null || actor.subject() == null ? "" : actor.subject()))
                .chain(() -> body.apply(transaction)))
                .ifNoItem().after(TIMEOUT).fail()
                .onFailure(failure -> failure instanceof PgException error
                        && LOCK_NOT_AVAILABLE.equals(error.getSqlState()))
                .transform(failure -> Problems.problem(503, "catalog-locked", "Catalog locked",
                        "Another transaction is changing the catalog. Try again in a moment.").build());
    }

    /**
     * Maps a row of a query.
     *
     * @param row has all columns of an offer under their own names, attributes as text
     * @param ignored accepts the name of each attribute that can't be used, and the reason
     */
    static Offer offer(Row row, BiConsumer<String, String> ignored) {
        return new Offer(new Id(row.getString("offer_id"), row.getBoolean("numeric_id")), row.getString("offer_name"),
                row.getString("offer_url"), row.getString("category"),
                OfferAttributes.parseStored(row.getString("attributes"), ignored), instant(row, "valid_from"),
                instant(row, "valid_until"));
    }

    private static @Nullable OffsetDateTime timestamp(@Nullable Instant instant) {
        return instant == null ? null : instant.atOffset(ZoneOffset.UTC);
    }

    static @Nullable Instant instant(Row row, String column) {
        OffsetDateTime time = row.getOffsetDateTime(column);
        return time == null ? null : time.toInstant();
    }
}
