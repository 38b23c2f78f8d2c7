package io.nextbestoffer.history;

import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

import jakarta.enterprise.context.ApplicationScoped;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;

/**
 * The partitions of the table of traces, one for each day: what is too old goes with its table, at no cost. Replicas
 * make and drop them one after another.
 */
@ApplicationScoped
class DecisionLogPartitions {

    /** Any number, as long as nothing else locks it. */
    static final long LOCK = 0x7472616365L;

    private final Pool postgres;
    private final Set<LocalDate> known = ConcurrentHashMap.newKeySet();

    DecisionLogPartitions(Pool postgres) {
        this.postgres = postgres;
    }

    /**
     * Makes those that are not there. Asks Postgres only for days that were not asked for before. Fails if somebody
     * keeps the table locked for 2 s.
     */
    Uni<Void> make(Collection<LocalDate> days) {
        List<LocalDate> unknown = days.stream().filter(day -> !known.contains(day)).distinct().sorted().toList();
        return unknown.isEmpty()
                ? Uni.createFrom().voidItem()
                : alone(transaction -> absent(transaction, unknown)
                        .chain(absent -> execute(transaction,
                                absent.stream().flatMap(day -> create(day).stream()).toList())))
                        .invoke(() -> known.addAll(unknown));
    }

    /** Asks Postgres the next time: another replica may have dropped one. */
    void forget() {
        known.clear();
    }

    /** Drops those of the days before. Fails if somebody uses the table for 2 s. @return how many */
    Uni<Integer> dropBefore(LocalDate first) {
        forget();
        return alone(transaction -> before(transaction, first)
                .call(names -> execute(transaction, names.stream().map(name -> "drop table " + name).toList())))
                .map(List::size);
    }

    /** Who waits for the table makes all others wait behind him: so not for long. */
    private <T> Uni<T> alone(Function<SqlConnection, Uni<T>> work) {
        return postgres.withTransaction(transaction -> transaction
                .preparedQuery("select pg_advisory_xact_lock($1)").execute(Tuple.of(LOCK))
                .chain(() -> transaction.query("set local lock_timeout = '2s'").execute())
                .chain(() -> work.apply(transaction)));
    }

    private static Uni<List<LocalDate>> absent(SqlConnection transaction, List<LocalDate> days) {
        return transaction.preparedQuery("""
                select day from unnest($1::date[]) as day
                where to_regclass('decision_trace_' || to_char(day, 'YYYYMMDD')) is null
                """)
                .execute(Tuple.tuple().addArrayOfLocalDate(days.toArray(LocalDate[]::new)))
                .map(rows -> {
                    var absent = new ArrayList<LocalDate>();
                    rows.forEach(row -> absent.add(row.getLocalDate(0)));
                    return absent;
                });
    }

    private static Uni<List<String>> before(SqlConnection transaction, LocalDate first) {
        return transaction.preparedQuery("""
                select c.relname::text from pg_inherits i join pg_class c on c.oid = i.inhrelid
                where i.inhparent = 'decision_trace'::regclass and c.relname ~ '^decision_trace_[0-9]{8}$'
                    and c.relname::text < 'decision_trace_' || to_char($1::date, 'YYYYMMDD')
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

    /** One after the other, as "create … partition of" would lock out all who read and store traces. */
    private static List<String> create(LocalDate day) {
        String name = "decision_trace_" + DateTimeFormatter.BASIC_ISO_DATE.format(day);
        return List.of("create table %s (like decision_trace including all)".formatted(name),
                "alter table decision_trace attach partition %s for values from ('%s') to ('%s')".formatted(name, day,
                        day.plusDays(1)));
    }

    private static Uni<Void> execute(SqlConnection transaction, List<String> statements) {
        return Multi.createFrom().iterable(statements)
                .onItem().transformToUniAndConcatenate(statement -> transaction.query(statement).execute())
                .collect().last().replaceWithVoid();
    }
}
