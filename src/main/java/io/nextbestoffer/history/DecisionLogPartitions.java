package io.nextbestoffer.history;

import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Stream;

import jakarta.enterprise.context.ApplicationScoped;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;

/**
 * The daily partitions of the tables of the decision log. Old decisions are dropped with their partitions, at no cost.
 * An advisory lock makes replicas create and drop partitions one after another.
 */
@ApplicationScoped
class DecisionLogPartitions {

    /** Key of the advisory lock, which nothing else uses. */
    static final long LOCK = 0x7472616365L;

    private static final List<String> TABLES = List.of("decision_block", "decision_index");

    private final Pool postgres;
    private final Set<LocalDate> known = ConcurrentHashMap.newKeySet();

    DecisionLogPartitions(Pool postgres) {
        this.postgres = postgres;
    }

    /**
     * Creates the partitions that don't exist. It queries Postgres only for days that are new to this replica. Fails if
     * the table stays locked for 2 s.
     */
    Uni<Void> create(Collection<LocalDate> days) {
        List<LocalDate> unknown = days.stream().filter(day -> !known.contains(day)).distinct().sorted().toList();
        return unknown.isEmpty()
                ? Uni.createFrom().voidItem()
                : exclusively(transaction -> absent(transaction, unknown)
                        .chain(absent -> execute(transaction,
                                absent.stream().flatMap(day -> createAndAttach(day).stream()).toList())))
                        .invoke(() -> known.addAll(unknown));
    }

    /** Makes the next {@link #create} query Postgres again: another replica may have dropped a partition. */
    void forget() {
        known.clear();
    }

    /**
     * Drops the partitions of earlier days. Fails if the table stays locked for 2 s.
     *
     * @return how many tables were dropped
     */
    Uni<Integer> dropBefore(LocalDate first) {
        forget();
        // An erasure reads the index and then the blocks, in the other order: the two would deadlock
        return exclusively(transaction -> DecisionLog.lock(transaction).chain(() -> before(transaction, first))
                .call(names -> execute(transaction, names.stream().map(name -> "drop table " + name).toList())))
                .map(List::size);
    }

    /**
     * Runs work under the advisory lock. The timeout for table locks is short, because all other statements on the
     * table queue behind it.
     */
    private <T> Uni<T> exclusively(Function<SqlConnection, Uni<T>> work) {
        return postgres.withTransaction(transaction -> transaction
                .preparedQuery("select pg_advisory_xact_lock($1)").execute(Tuple.of(LOCK))
                .chain(() -> transaction.query("set local lock_timeout = '2s'").execute())
                .chain(() -> work.apply(transaction)));
    }

    private static Uni<List<LocalDate>> absent(SqlConnection transaction, List<LocalDate> days) {
        return transaction.preparedQuery("""
                select day from unnest($1::date[]) as day
                where to_regclass('decision_index_' || to_char(day, 'YYYYMMDD')) is null
                """)
                .execute(Tuple.tuple().addArrayOfLocalDate(days.toArray(LocalDate[]::new)))
                .map(rows -> {
                    var absent = new ArrayList<LocalDate>();
                    rows.forEach(row -> absent.add(row.getLocalDate(0)));
                    return absent;
                });
    }

    /** Also of decision_trace, where replicas of the previous release stored decisions. */
    private static Uni<List<String>> before(SqlConnection transaction, LocalDate first) {
        return transaction.preparedQuery("""
                select c.relname::text from pg_inherits i join pg_class c on c.oid = i.inhrelid
                join pg_class p on p.oid = i.inhparent
                where i.inhparent in ('decision_block'::regclass, 'decision_index'::regclass,
                        'decision_trace'::regclass)
                    and c.relname ~ ('^' || p.relname || '_[0-9]{8}$')
                    and right(c.relname, 8) < to_char($1::date, 'YYYYMMDD')
                order by 1
                """)
                .execute(Tuple.of(first))
                .map(rows -> {
                    var names = new ArrayList<String>();
                    for (Row row : rows) {
                        names.add(row.getString(0));
                    }
                    return names;
                });
    }

    /** Attaches a finished table: "create … partition of" would block all readers and writers of the table. */
    private static List<String> createAndAttach(LocalDate day) {
        return TABLES.stream().flatMap(table -> {
            String name = table + "_" + DateTimeFormatter.BASIC_ISO_DATE.format(day);
            return Stream.of("create table %s (like %s including all)".formatted(name, table),
                    "alter table %s attach partition %s for values from ('%s') to ('%s')".formatted(table, name, day,
                            day.plusDays(1)));
        }).toList();
    }

    private static Uni<Void> execute(SqlConnection transaction, List<String> statements) {
        return Multi.createFrom().iterable(statements)
                .onItem().transformToUniAndConcatenate(statement -> transaction.query(statement).execute())
                .collect().last().replaceWithVoid();
    }
}
