package io.nextbestoffer.activity;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;

import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;

import org.jboss.logging.Logger;

import io.nextbestoffer.platform.Problems;
import io.nextbestoffer.platform.Ticker;
import io.smallrye.mutiny.TimeoutException;
import io.smallrye.mutiny.Uni;
import io.vertx.core.buffer.Buffer;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;

/**
 * The table of Idempotency-Keys: activities that were accepted with a key are not accepted again for a day, on any
 * replica. If a replica dies after Kafka has stored them and before the table says so, a retry is accepted: duplicates
 * are better than losses.
 */
@ApplicationScoped
class IdempotencyKeys {

    private static final Logger LOG = Logger.getLogger(IdempotencyKeys.class);

    /** After this time a request that has not ended counts as dead. Longer than Kafka's delivery timeout. */
    private static final int STUCK_SECONDS = 30;

    private final Pool postgres;
    private final Ticker purge;

    IdempotencyKeys(Pool postgres) {
        this.postgres = postgres;
        purge = Ticker.every(Duration.ofHours(1),
                () -> postgres.query("""
                        delete from idempotency_key where taken_at < now() - interval '1 day'
                        """).execute(),
                failure -> LOG.warnf("Could not purge expired idempotency keys: %s", failure.getClass().getName()));
    }

    /** Runs the request unless one with the same key has succeeded; fails with a problem while one is in progress. */
    Uni<Void> once(String key, byte[] body, Uni<Void> request) {
        Buffer hash = Buffer.buffer(sha256(body));
        return postgres.preparedQuery("""
                with taken as (
                    insert into idempotency_key as k (idempotency_key, body_hash) values ($1, $2)
                    on conflict (idempotency_key) do update set taken_at = now()
                    where not k.done and k.body_hash = excluded.body_hash
                        and k.taken_at < now() - $3 * interval '1 second'
                    returning 1
                )
                select exists (select from taken), k.done, k.body_hash = $2
                from (values (1)) as one (n) left join idempotency_key k on k.idempotency_key = $1
                """)
                .execute(Tuple.of(key, hash, STUCK_SECONDS))
                .chain(rows -> {
                    Row row = rows.iterator().next();
                    if (row.getBoolean(0)) {
                        return request.onFailure(failure -> !(failure instanceof TimeoutException))
                                .call(() -> forget(key)).call(() -> done(key));
                    }
                    if (Boolean.FALSE.equals(row.getBoolean(2))) {
                        throw Problems.problem(422, "idempotency-key-reused",
                                "Idempotency-Key reused", "This key was used for another body.").build();
                    }
                    if (Boolean.TRUE.equals(row.getBoolean(1))) {
                        return Uni.createFrom().voidItem();
                    }
                    throw Problems.problem(409, "request-under-way", "Request in progress",
                            "A request with this key is in progress. Try again in a moment.").build();
                });
    }

    private Uni<Void> done(String key) {
        return postgres.preparedQuery("update idempotency_key set done = true where idempotency_key = $1")
                .execute(Tuple.of(key)).replaceWithVoid();
    }

    private Uni<Void> forget(String key) {
        return postgres.preparedQuery("delete from idempotency_key where idempotency_key = $1")
                .execute(Tuple.of(key)).replaceWithVoid();
    }

    private static byte[] sha256(byte[] body) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(body);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    @PreDestroy
    void close() {
        purge.close();
    }
}
