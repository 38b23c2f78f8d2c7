package io.nextbestoffer.history;

import java.time.Clock;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.customer.CustomerErasure;
import io.smallrye.mutiny.TimeoutException;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import io.vertx.pgclient.PgException;

/**
 * The past decisions in Postgres: blocks of decisions, and an index that finds blocks. A decision is stored about a
 * second after it was sent to Kafka, and stays for {@code nbo.traces.retention} or until its customer is erased. A
 * decision that is repeated after an offset reset has the same id; if both are of one day, look-ups return only the
 * later one.
 */
@ApplicationScoped
@Priority(30) // before latest offers, so that these are not locked while this waits: see CustomerErasure
public class DecisionLog implements CustomerErasure {

    /** Key of the advisory lock of all transactions that change blocks, which nothing else uses. */
    static final long LOCK = 0x7472616367L;

    /** Timeout for a look-up. */
    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    /** Timeout for one page of all decisions. */
    private static final Duration PAGE_TIMEOUT = Duration.ofSeconds(30);

    /** Shorter than the timeout of the stage, so that its retries do not pile up behind a long erasure. */
    private static final Duration LOCK_TIMEOUT = Duration.ofSeconds(30);

    /** How far back deleted customers are looked for. The task runs every hour. */
    private static final Duration DELETED_SINCE = Duration.ofDays(1);

    private static final String QUERY_CANCELED = "57014";

    private static final int ERASURE_CHUNK = 1_000;

    private final Pool postgres;
    private final DecisionIndex index;
    private final Clock clock;
    private final Duration pageTimeout;
    private final KnownCustomers customers = new KnownCustomers();

    @Inject
    DecisionLog(Pool postgres, DecisionIndex index, Clock clock) {
        this(postgres, index, clock, PAGE_TIMEOUT);
    }

    /** @param pageTimeout timeout for one page of all decisions */
    DecisionLog(Pool postgres, DecisionIndex index, Clock clock, Duration pageTimeout) {
        this.postgres = postgres;
        this.index = index;
        this.clock = clock;
        this.pageTimeout = pageTimeout;
    }

    /**
     * Returns a decision; null if it is not stored yet, or not any more.
     *
     * @return fails with a {@link TimeoutException} after 5 s
     */
    public Uni<@Nullable LoggedDecision> find(UUID decisionId) {
        return load(Set.of(decisionId), null).map(found -> found.get(decisionId))
                .ifNoItem().after(TIMEOUT).fail();
    }

    /**
     * Returns the decisions with these ids that are stored, the latest with each id.
     *
     * @param days the days, in UTC, of the decisions
     * @return fails with a {@link TimeoutException} after 30 s
     */
    public Uni<Map<UUID, LoggedDecision>> find(Set<UUID> decisionIds, Set<LocalDate> days) {
        return load(decisionIds, days).ifNoItem().after(pageTimeout).fail();
    }

    private Uni<Map<UUID, LoggedDecision>> load(Set<UUID> wanted, @Nullable Set<LocalDate> days) {
        return DecisionIndex.ofDecisions(postgres, wanted, days).chain(blocks -> DecisionBlocks.load(postgres, blocks))
                .map(blocks -> {
                    var found = new HashMap<UUID, LoggedDecision>();
                    for (var block : blocks) {
                        block.decode((id, decidedAt, customer) -> wanted.contains(id))
                                .forEach(decision -> found.merge(decision.decisionId(), decision, DecisionLog::later));
                    }
                    return found;
                });
    }

    private static LoggedDecision later(LoggedDecision one, LoggedDecision other) {
        return other.decidedAt().isBefore(one.decidedAt()) ? one : other;
    }

    /**
     * Returns decisions for a customer, the newest first.
     *
     * @param customer id as text
     * @return fails with a {@link TimeoutException} after 5 s
     */
    Uni<List<LoggedDecision>> ofCustomer(String customer, LoggedDecision.LogCursor before, int limit) {
        return index.ofCustomer(customer).chain(hits -> new CustomerPage(postgres, customer, before, limit).read(hits))
                .ifNoItem().after(TIMEOUT).fail();
    }

    /** Returns the position before the decisions of the last days, for {@link #after}. */
    public LoggedDecision.LogCursor since(int days) {
        return LoggedDecision.LogCursor.at(clock.instant().minus(Duration.ofDays(days)));
    }

    /**
     * Returns a page of all decisions, the earliest first; fewer than the limit if there are no more now.
     *
     * @param cursor of the last decision of the page before
     * @return fails with a {@link TimeoutException} after 30 s
     */
    public Uni<List<LoggedDecision>> after(LoggedDecision.LogCursor cursor, int limit) {
        // Shorter, so that the statement does not occupy its connection after its caller has given up
        Duration statementTimeout = pageTimeout.multipliedBy(5).dividedBy(6);
        return postgres.withTransaction(transaction -> transaction
                .query("set local statement_timeout = " + statementTimeout.toMillis()).execute()
                .chain(() -> new LogPage(transaction, cursor, limit).read()))
                .onFailure(DecisionLog::isCancelled).transform(failure -> new TimeoutException())
                .ifNoItem().after(pageTimeout).fail();
    }

    private static boolean isCancelled(Throwable failure) {
        return failure instanceof PgException refused && QUERY_CANCELED.equals(refused.getSqlState());
    }

    /**
     * Stores the decisions whose customers are known now, except those from before a customer was deleted and came
     * back. Repeatable, also with other decisions at a time. Thousands at a time cost least.
     *
     * @param logged the table partitions of their days exist
     */
    Uni<Void> save(Collection<LoggedDecision> logged) {
        if (logged.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        return postgres.withTransaction(transaction -> transaction
                .query("set local lock_timeout = " + LOCK_TIMEOUT.toMillis()).execute()
                .chain(() -> lock(transaction))
                .chain(() -> customers.ofKnown(transaction, latest(logged)))
                .emitOn(Infrastructure.getDefaultExecutor())
                .chain(known -> withoutStored(transaction, known))
                .chain(fresh -> {
                    List<DecisionBlock> blocks = DecisionBlock.cut(fresh);
                    return blocks.isEmpty()
                            ? Uni.createFrom().voidItem()
                            : DecisionBlocks.insert(transaction, blocks)
                                    .chain(numbers -> index.add(transaction, blocks, numbers));
                }));
    }

    /** Returns the latest decision with each id and day. */
    private static Collection<LoggedDecision> latest(Collection<LoggedDecision> logged) {
        var latest = new HashMap<LoggedDecision.DayAndId, LoggedDecision>(logged.size() * 2);
        for (LoggedDecision decision : logged) {
            latest.merge(decision.dayAndId(), decision, DecisionLog::later);
        }
        return latest.values();
    }

    /**
     * Makes transactions that change blocks wait for each other. So an erasure finds what was stored before, and a
     * later save finds that the customer was deleted; and no two of them store the same decisions.
     */
    static Uni<Void> lock(SqlConnection transaction) {
        return transaction.preparedQuery("select pg_advisory_xact_lock($1)").execute(Tuple.of(LOCK)).replaceWithVoid();
    }

    /** Returns the decisions that are not stored, in the order of the log; removes earlier ones with the same id. */
    private static Uni<List<LoggedDecision>> withoutStored(SqlConnection transaction, List<LoggedDecision> logged) {
        var sorted = new ArrayList<>(logged);
        sorted.sort(LoggedDecision.ORDER);
        return DecisionBlocks.repeated(transaction, DecisionBlock.cut(sorted)).chain(repeated -> repeated.isEmpty()
                ? Uni.createFrom().item(sorted)
                : withoutStored(transaction, sorted, repeated));
    }

    private static Uni<List<LoggedDecision>> withoutStored(SqlConnection transaction, List<LoggedDecision> logged,
            Map<Long, LocalDate> repeated) {
        var latest = new HashMap<LoggedDecision.DayAndId, LoggedDecision>();
        logged.forEach(decision -> latest.put(decision.dayAndId(), decision));
        return DecisionBlocks.load(transaction, repeated).chain(blocks -> {
            var kept = new HashSet<LoggedDecision.DayAndId>();
            blocks.stream().flatMap(block -> block.decode(DecisionBlock.Filter.ALL).stream()).forEach(stored -> {
                var key = stored.dayAndId();
                LoggedDecision other = latest.get(key);
                if (other != null && !stored.decidedAt().isBefore(other.decidedAt())) {
                    kept.add(key);
                }
            });
            latest.keySet().removeAll(kept);
            List<LoggedDecision> fresh = logged.stream()
                    .filter(decision -> !kept.contains(decision.dayAndId())).toList();
            return DecisionBlocks.remove(transaction, repeated,
                    stored -> latest.containsKey(stored.dayAndId()))
                    .replaceWith(fresh);
        });
    }

    /**
     * Erases the decisions of customers, by writing the blocks that contain them again. Their hashes stay in the index
     * until the day is dropped. Replicas of the previous release store in decision_trace.
     */
    @Override
    public Uni<Void> erase(SqlConnection transaction, List<String> customers) {
        return lock(transaction)
                .chain(() -> transaction.query("lock table decision_trace in share row exclusive mode").execute())
                .chain(() -> transaction.preparedQuery("delete from decision_trace where customer_id = any($1)")
                        .execute(Tuple.tuple().addArrayOfString(customers.toArray(String[]::new))))
                .chain(() -> eraseBlocks(transaction, Set.copyOf(customers)))
                .replaceWithVoid();
    }

    private Uni<List<LoggedDecision>> eraseBlocks(SqlConnection transaction, Set<String> erased) {
        customers.forget(erased);
        return DecisionIndex.ofCustomers(transaction, erased)
                .chain(blocks -> DecisionBlocks.remove(transaction, blocks,
                        decision -> erased.contains(decision.customer())));
    }

    /**
     * Erases decisions of customers who were deleted in the last day. During a rolling upgrade, replicas of the
     * previous release delete customers but leave their decisions.
     *
     * @return how many customers had decisions
     */
    Uni<Integer> eraseDeleted() {
        return eraseDeleted("").ifNoItem().after(Duration.ofMinutes(30)).fail();
    }

    private Uni<Integer> eraseDeleted(String after) {
        return postgres.preparedQuery("""
                select customer_id from customer
                where attributes is null and changed_at > now() - $1::bigint * interval '1 second' and customer_id > $2
                order by customer_id limit $3
                """)
                .execute(Tuple.of(DELETED_SINCE.toSeconds(), after, ERASURE_CHUNK))
                .chain(rows -> {
                    var deleted = new ArrayList<String>();
                    rows.forEach(row -> deleted.add(row.getString(0)));
                    return deleted.isEmpty()
                            ? Uni.createFrom().item(0)
                            : eraseDeleted(deleted).chain(erased -> eraseDeleted(deleted.get(deleted.size() - 1))
                                    .map(more -> erased + more));
                });
    }

    private Uni<Integer> eraseDeleted(List<String> deleted) {
        return postgres.withTransaction(transaction -> lock(transaction)
                // A customer who came back meanwhile keeps the decisions made since
                .chain(() -> transaction.preparedQuery(
                        "select customer_id from customer where customer_id = any($1) and attributes is null")
                        .execute(Tuple.tuple().addArrayOfString(deleted.toArray(String[]::new))))
                .chain(rows -> {
                    var still = new HashSet<String>();
                    rows.forEach(row -> still.add(row.getString(0)));
                    return eraseBlocks(transaction, still);
                })
                .map(erased -> erased.stream().map(LoggedDecision::customer).collect(Collectors.toSet()).size()));
    }
}
