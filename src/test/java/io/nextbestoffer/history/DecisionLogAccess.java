package io.nextbestoffer.history;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

import io.nextbestoffer.sandbox.SandboxPostgres;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.core.Vertx;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Tuple;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.PoolOptions;

/** Reads and changes the decision log of the sandbox, whose tables SQL alone can't read. */
public final class DecisionLogAccess implements AutoCloseable {

    private static final Duration TIMEOUT = Duration.ofMinutes(2);

    private final Vertx vertx = Vertx.vertx();
    private final Pool pool;
    private final DecisionIndex index;
    private final DecisionLog log;

    public DecisionLogAccess(SandboxPostgres postgres) {
        var options = PgConnectOptions.fromUri(postgres.nboUri()).addProperty("enable_seqscan", "off");
        pool = Pool.pool(vertx, options, new PoolOptions().setMaxSize(2));
        index = new DecisionIndex(pool, Clock.systemUTC());
        log = new DecisionLog(pool, index, Clock.systemUTC(), TIMEOUT);
    }

    /** Returns the decisions for a customer, the newest first. */
    public List<LoggedDecision> ofCustomer(String customer) {
        return get(log.ofCustomer(customer, LoggedDecision.LogCursor.END, 10_000));
    }

    /** Returns the decisions since a time, the earliest first. */
    public List<LoggedDecision> since(Instant time) {
        return get(log.after(LoggedDecision.LogCursor.at(time), 1_000_000));
    }

    /** Adds decisions, also of unknown customers. */
    public void insert(List<LoggedDecision> decisions) {
        get(new DecisionLogPartitions(pool).create(decisions.stream().map(LoggedDecision::day).toList()));
        var sorted = new ArrayList<>(decisions);
        sorted.sort(LoggedDecision.ORDER);
        List<DecisionBlock> blocks = DecisionBlock.cut(sorted);
        get(pool.withTransaction(transaction -> DecisionBlocks.insert(transaction, blocks)
                .chain(numbers -> index.add(transaction, blocks, numbers))));
    }

    /** Removes decisions. */
    public void removeIf(Predicate<LoggedDecision> removed) {
        get(pool.withTransaction(transaction -> transaction.preparedQuery("select pg_advisory_xact_lock($1)")
                .execute(Tuple.of(DecisionLog.LOCK))
                .chain(() -> transaction.query("select block, day from decision_block").execute())
                .chain(rows -> {
                    Map<Long, LocalDate> all = new HashMap<>();
                    rows.forEach(row -> all.put(row.getLong(0), row.getLocalDate(1)));
                    return DecisionBlocks.remove(transaction, all, removed);
                })));
    }

    private static <T> T get(Uni<T> step) {
        return step.await().atMost(TIMEOUT);
    }

    @Override
    public void close() {
        vertx.closeAndAwait();
    }
}
