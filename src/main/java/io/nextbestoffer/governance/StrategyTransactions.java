package io.nextbestoffer.governance;

import java.time.Duration;
import java.util.function.Function;

import jakarta.enterprise.context.ApplicationScoped;

import io.nextbestoffer.platform.Problems;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.pgclient.PgException;

/** Serializes all changes of strategies, so that each one sees the results of the earlier ones. */
@ApplicationScoped
class StrategyTransactions {

    private static final String LOCK_NOT_AVAILABLE = "55P03";

    /** Longer than Postgres's lock timeout, so that a lock is reported as such. */
    private static final Duration TIMEOUT = Duration.ofSeconds(8);

    private final Pool postgres;

    StrategyTransactions(Pool postgres) {
        this.postgres = postgres;
    }

    <T> Uni<T> write(Function<SqlConnection, Uni<T>> body) {
        return postgres.withTransaction(transaction -> transaction.query("set local lock_timeout = '3s'").execute()
                .chain(() -> transaction.query("select from strategy_revision for update").execute())
                .chain(() -> body.apply(transaction)))
                .ifNoItem().after(TIMEOUT).fail()
                .onFailure(failure -> failure instanceof PgException error
                        && LOCK_NOT_AVAILABLE.equals(error.getSqlState()))
                .transform(failure -> Problems.problem(503, "strategies-locked", "Strategies locked",
                        "Another transaction is changing strategies or the catalog. Try again in a moment.")
                        .build());
    }
}
