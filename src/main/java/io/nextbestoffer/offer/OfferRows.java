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
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import io.vertx.pgclient.PgException;

/** The table of offers, as management writes it: {@link OfferRow} is how it is read. */
@ApplicationScoped
class OfferRows {

    private static final String LOCK_NOT_AVAILABLE = "55P03";

    /** Longer than the lock's timeout, so that Postgres can tell. */
    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    private final Pool postgres;

    OfferRows(Pool postgres) {
        this.postgres = postgres;
    }

    /** @param created whether there was none with this id */
    record Saved(Offer offer, boolean created) {
    }

    /** A version of a strategy that names an offer. */
    @RegisterForReflection
    record Use(String strategy, int version) {

        @Override
        public String toString() {
            return strategy + " version " + version;
        }
    }

    /**
     * Creates or replaces it, and tells what is stored then.
     *
     * @param confirmation within the transaction, once nobody else can change offers
     */
    Uni<Saved> save(Offer offer, Function<SqlConnection, Uni<Void>> confirmation) {
        // Only a row that was there has been locked (xmax) to be replaced
        return write(transaction -> transaction.preparedQuery("""
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
                        offer.category(), JsonWriter.text(offer.attributes()::writeTo), time(offer.validFrom()),
                        time(offer.validUntil()))))
                .map(rows -> {
                    Row row = rows.iterator().next();
                    return new Saved(offer(row, (name, message) -> {
                    }), row.getBoolean("created"));
                })
                .call(saved -> confirmation.apply(transaction)));
    }

    /** Fails with a problem if there is none with this id, or an active strategy names it. */
    Uni<Void> delete(String id) {
        // The delete has locked the revision, as who makes a strategy active does: after it, who uses the offer is final
        return write(transaction -> transaction.preparedQuery("delete from offer where offer_id = $1")
                .execute(Tuple.of(id))
                .invoke(deleted -> {
                    if (deleted.rowCount() == 0) {
                        throw unknown(id);
                    }
                })
                .chain(() -> transaction.preparedQuery("""
                        select strategy, version from offer_use
                        where offer_id = $1 and (until is null or until > now())
                        order by strategy, version
                        """).execute(Tuple.of(id)))
                .invoke(rows -> {
                    List<Use> uses = StreamSupport.stream(rows.spliterator(), false)
                            .map(row -> new Use(row.getString(0), row.getInteger(1))).toList();
                    if (!uses.isEmpty()) {
                        throw Problems.problem(409, "offer-in-use", "Offer in use", "Offer " + id + " is named by "
                                + uses.stream().map(Use::toString).collect(Collectors.joining(", ")) + ".")
                                .with("strategies", uses).build();
                    }
                })
                .replaceWithVoid());
    }

    static RuntimeException unknown(String id) {
        return Problems.notFound("offer-unknown", "Unknown offer", "The catalog has no offer with the id " + id + ".");
    }

    /**
     * Somebody may have left a transaction open that changes offers. Whoever waits for it longer than this would hold a
     * connection that decisions need.
     */
    private <T> Uni<T> write(Function<SqlConnection, Uni<T>> body) {
        return postgres.withTransaction(transaction -> transaction.query("set local lock_timeout = '3s'").execute()
                .chain(() -> body.apply(transaction)))
                .ifNoItem().after(TIMEOUT).fail()
                .onFailure(failure -> failure instanceof PgException refused
                        && LOCK_NOT_AVAILABLE.equals(refused.getSqlState()))
                .transform(failure -> Problems.problem(503, "catalog-locked", "The catalog is locked",
                        "Another change of the catalog has not ended. Ask again in a moment.").build());
    }

    /**
     * @param row has all columns of an offer by their names, attributes as text
     * @param leftOut gets the attributes that can't be used, and why
     */
    static Offer offer(Row row, BiConsumer<String, String> leftOut) {
        return new Offer(new Id(row.getString("offer_id"), row.getBoolean("numeric_id")), row.getString("offer_name"),
                row.getString("offer_url"), row.getString("category"),
                OfferAttributes.stored(row.getString("attributes"), leftOut), instant(row, "valid_from"),
                instant(row, "valid_until"));
    }

    private static @Nullable OffsetDateTime time(@Nullable Instant instant) {
        return instant == null ? null : instant.atOffset(ZoneOffset.UTC);
    }

    private static @Nullable Instant instant(Row row, String column) {
        OffsetDateTime time = row.getOffsetDateTime(column);
        return time == null ? null : time.toInstant();
    }
}
