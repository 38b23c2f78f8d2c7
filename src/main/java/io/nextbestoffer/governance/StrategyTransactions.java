package io.nextbestoffer.governance;

import java.time.Duration;
import java.util.function.Function;

import jakarta.enterprise.context.ApplicationScoped;

import io.nextbestoffer.platform.Problems;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.pgclient.PgException;

/** All changes of strategies, one after another: each sees what those before it have done. */
@ApplicationScoped
class StrategyTransactions {

    private static final String LOCK_NOT_AVAILABLE = "55P03";

    /** Longer than the lock's timeout, so that Postgres can tell. */
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
                .onFailure(failure -> failure instanceof PgException refused
                        && LOCK_NOT_AVAILABLE.equals(refused.getSqlState()))
                .transform(failure -> Problems.problem(503, "strategies-locked", "The strategies are locked",
                        "Another change of strategies or of the catalog has not ended. Ask again in a moment.")
                        .build());
    }
}
