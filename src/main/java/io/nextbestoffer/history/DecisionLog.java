package io.nextbestoffer.history;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.UUID;

import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.customer.CustomerErasure;
import io.smallrye.mutiny.TimeoutException;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import io.vertx.pgclient.PgException;

/**
 * The table of traces. A decision gets here about a second after it went out, and stays for
 * {@code nbo.traces.retention} or until its customer is erased. What was decided once more after an offset reset has
 * the same id: of one day only the later decision stays.
 */
@ApplicationScoped
@Priority(30) // before latest offers, which nobody has to wait for while this waits for traces: see CustomerErasure
public class DecisionLog implements CustomerErasure {

    /** Of a caller who looks up something. */
    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    /** Of one who reads it all. */
    private static final Duration LONG_TIMEOUT = Duration.ofSeconds(30);

    private static final String CANCELLED = "57014";

    private static final int ERASURE_CHUNK = 1_000;

    private static final String COLUMNS = """
            select decision_id, customer_id, decided_at, strategy, strategy_version, offer_id, decision,\s""";

    private static final String SELECT = COLUMNS + "inputs from decision_trace ";

    private final Pool postgres;
    private final Clock clock;
    private final Duration longTimeout;

    @Inject
    DecisionLog(Pool postgres, Clock clock) {
        this(postgres, clock, LONG_TIMEOUT);
    }

    /** @param longTimeout of one who reads it all */
    DecisionLog(Pool postgres, Clock clock, Duration longTimeout) {
        this.postgres = postgres;
        this.clock = clock;
        this.longTimeout = longTimeout;
    }

    /** @return null if it is not stored (yet), or not any more; fails with a {@link TimeoutException} after 5 s */
    public Uni<@Nullable LoggedDecision> find(UUID decisionId) {
        return postgres.preparedQuery(SELECT + "where decision_id = $1 order by decided_at desc limit 1")
                .execute(Tuple.of(decisionId))
                .map(rows -> rows.size() == 0 ? null : trace(rows.iterator().next()))
                .ifNoItem().after(TIMEOUT).fail();
    }

    /**
     * @param customer his id, as text
     * @return the newest first, without their inputs; fails with a {@link TimeoutException} after 5 s
     */
    Uni<List<LoggedDecision>> ofCustomer(String customer, LoggedDecision.LogCursor before, int limit) {
        return postgres.preparedQuery(COLUMNS + """
                null from decision_trace
                where customer_id = $1 and (decided_at, decision_id) < ($2, $3)
                order by decided_at desc, decision_id desc limit $4
                """)
                .execute(Tuple.of(customer, time(before.decidedAt()), before.decisionId(), limit))
                .map(DecisionLog::traces)
                .ifNoItem().after(TIMEOUT).fail();
    }

    /** Where the decisions of the last days begin: {@link #after} goes on from there. */
    public LoggedDecision.LogCursor since(int days) {
        return LoggedDecision.LogCursor.at(clock.instant().minus(Duration.ofDays(days)));
    }

    /**
     * For those who read many: page after page, each after the last place of the one before.
     *
     * @return the earliest first; less than the limit if there are no more by now. Fails with a
     *     {@link TimeoutException} after 30 s at most
     */
    public Uni<List<LoggedDecision>> after(LoggedDecision.LogCursor place, int limit) {
        // Shorter, so that a statement does not keep its connection when nobody waits for it any more
        Duration longest = longTimeout.multipliedBy(5).dividedBy(6);
        return postgres.withTransaction(transaction -> transaction
                .query("set local statement_timeout = " + longest.toMillis()).execute()
                .chain(() -> transaction.preparedQuery(SELECT + """
                        where day >= ($1::timestamptz at time zone 'UTC')::date and (decided_at, decision_id) > ($1, $2)
                        order by decided_at, decision_id limit $3
                        """)
                        .execute(Tuple.of(time(place.decidedAt()), place.decisionId(), limit))))
                .map(DecisionLog::traces)
                .onFailure(DecisionLog::isCancelled).transform(failure -> new TimeoutException())
                .ifNoItem().after(longTimeout).fail();
    }

    private static boolean isCancelled(Throwable failure) {
        return failure instanceof PgException refused && CANCELLED.equals(refused.getSqlState());
    }

    /**
     * Stores what belongs to customers who are known now. Repeatable; of one decision, the later stays.
     *
     * @param traces none of them with the same id and day as another; the partitions of their days are there
     */
    Uni<Void> save(Collection<LoggedDecision> traces) {
        if (traces.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        int n = traces.size();
        var ids = new UUID[n];
        var customers = new String[n];
        var times = new OffsetDateTime[n];
        var strategies = new String[n];
        var versions = new Integer[n];
        var offers = new String[n];
        var decisions = new String[n];
        var inputs = new String[n];
        int i = 0;
        for (LoggedDecision trace : traces) {
            ids[i] = trace.decisionId();
            customers[i] = trace.customer();
            times[i] = time(trace.decidedAt());
            strategies[i] = trace.strategy();
            versions[i] = trace.strategyVersion();
            offers[i] = trace.offer();
            decisions[i] = trace.decision();
            inputs[i++] = trace.inputs();
        }
        // In the order of the ids, so that no two statements wait for each other
        return postgres.preparedQuery("""
                insert into decision_trace as t (day, decision_id, customer_id, decided_at, strategy, strategy_version,
                    offer_id, decision, inputs)
                select (n.decided_at at time zone 'UTC')::date, n.id, n.customer, n.decided_at, n.strategy, n.version,
                    n.offer, n.decision, n.inputs
                from unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::text[], $5::int[], $6::text[], $7::text[],
                    $8::text[]) as n (id, customer, decided_at, strategy, version, offer, decision, inputs)
                join customer c on c.customer_id = n.customer and c.attributes is not null
                order by n.id
                on conflict (decision_id, day) do update
                set customer_id = excluded.customer_id, decided_at = excluded.decided_at,
                    strategy = excluded.strategy, strategy_version = excluded.strategy_version,
                    offer_id = excluded.offer_id, decision = excluded.decision, inputs = excluded.inputs
                where t.decided_at < excluded.decided_at
                """)
                .execute(Tuple.tuple().addArrayOfUUID(ids).addArrayOfString(customers).addArrayOfOffsetDateTime(times)
                        .addArrayOfString(strategies).addArrayOfInteger(versions).addArrayOfString(offers)
                        .addArrayOfString(decisions).addArrayOfString(inputs))
                .replaceWithVoid();
    }

    /**
     * The lock waits for the traces being stored now, and lets others wait: a statement that saw the customer before he
     * was deleted is over then, and one that comes after does not see him any more.
     */
    @Override
    public Uni<Void> erase(SqlConnection transaction, List<String> customers) {
        return delete(transaction, "delete from decision_trace where customer_id = any($1)", customers);
    }

    private static Uni<Void> delete(SqlConnection transaction, String statement, List<String> customers) {
        return transaction.query("lock table decision_trace in share row exclusive mode").execute()
                .chain(() -> transaction.preparedQuery(statement)
                        .execute(Tuple.tuple().addArrayOfString(customers.toArray(String[]::new))))
                .replaceWithVoid();
    }

    /**
     * Erases what is of customers who are deleted already. A replica of a version without traces leaves them when it
     * deletes a customer, as long as a rolling upgrade takes.
     *
     * @return how many customers had some
     */
    Uni<Integer> eraseDeleted() {
        return deletedWithTraces().chain(customers -> customers.isEmpty()
                ? Uni.createFrom().item(0)
                // One who has come back meanwhile keeps what is his now
                : postgres.withTransaction(transaction -> delete(transaction, """
                        delete from decision_trace t using customer c
                        where c.customer_id = any($1) and c.attributes is null and t.customer_id = c.customer_id
                        """, customers))
                        .chain(this::eraseDeleted).map(more -> customers.size() + more));
    }

    /** Some of them. There are hardly ever any: so no lock is taken to see that. */
    private Uni<List<String>> deletedWithTraces() {
        // The limit keeps Postgres from going through all traces instead of all deleted customers
        return postgres.preparedQuery("""
                select c.customer_id
                from customer c cross join lateral (
                    select from decision_trace t where t.customer_id = c.customer_id limit 1) trace
                where c.attributes is null
                limit $1
                """)
                .execute(Tuple.of(ERASURE_CHUNK))
                .map(rows -> {
                    var customers = new ArrayList<String>();
                    rows.forEach(row -> customers.add(row.getString(0)));
                    return customers;
                });
    }

    private static List<LoggedDecision> traces(Iterable<Row> rows) {
        var traces = new ArrayList<LoggedDecision>();
        rows.forEach(row -> traces.add(trace(row)));
        return traces;
    }

    private static LoggedDecision trace(Row row) {
        return new LoggedDecision(row.getUUID(0), row.getString(1), row.getOffsetDateTime(2).toInstant(),
                row.getString(3),
                row.getInteger(4), row.getString(5), row.getString(6), row.getString(7));
    }

    private static OffsetDateTime time(Instant instant) {
        return instant.atOffset(ZoneOffset.UTC);
    }
}
