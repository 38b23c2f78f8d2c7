package io.nextbestoffer.history;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.Predicate;
import java.util.stream.Collectors;

import org.jboss.logging.Logger;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import io.vertx.core.buffer.Buffer;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.SqlClient;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;

/** The SQL statements on the table of blocks. */
final class DecisionBlocks {

    private static final Logger LOG = Logger.getLogger(DecisionBlocks.class);

    /** Blocks that are decoded at a time. */
    private static final int CHUNK = 256;

    private DecisionBlocks() {
    }

    /**
     * A stored block that has not been decoded.
     *
     * @param number unique over all days
     */
    record Stored(LocalDate day, long number, Instant firstAt, Instant lastAt, byte[] content) {

        /** Decodes some decisions. It skips a block that can't be read, so that others can be. */
        List<LoggedDecision> decode(DecisionBlock.Filter wanted) {
            try {
                return DecisionBlock.decode(content, wanted);
            } catch (DecisionBlock.CorruptException e) {
                LOG.errorf("block %d of %s in decision_block can't be read, its decisions are left out: %s", number,
                        day, e.getMessage());
                return List.of();
            }
        }
    }

    /** Returns the numbers of the stored blocks. */
    static Uni<List<Long>> insert(SqlConnection transaction, List<DecisionBlock> blocks) {
        int n = blocks.size();
        return transaction.preparedQuery("""
                select nextval('decision_block_number') from generate_series(1, $1)
                """)
                .execute(Tuple.of(n))
                .emitOn(Infrastructure.getDefaultExecutor())
                .chain(rows -> {
                    var numbers = new ArrayList<Long>(n);
                    rows.forEach(row -> numbers.add(row.getLong(0)));
                    var days = new LocalDate[n];
                    var firsts = new OffsetDateTime[n];
                    var lasts = new OffsetDateTime[n];
                    var ids = new Buffer[n];
                    var contents = new Buffer[n];
                    for (int i = 0; i < n; i++) {
                        DecisionBlock block = blocks.get(i);
                        days[i] = block.day();
                        firsts[i] = time(block.firstAt());
                        lasts[i] = time(block.lastAt());
                        ids[i] = Buffer.buffer(block.ids());
                        contents[i] = Buffer.buffer(DecisionBlock.encode(block.decisions()));
                    }
                    return transaction.preparedQuery("""
                            insert into decision_block (day, block, first_at, last_at, ids, content)
                            select * from unnest($1::date[], $2::bigint[], $3::timestamptz[], $4::timestamptz[],
                                $5::bytea[], $6::bytea[])
                            """)
                            .execute(Tuple.tuple().addArrayOfLocalDate(days)
                                    .addArrayOfLong(numbers.toArray(Long[]::new)).addArrayOfOffsetDateTime(firsts)
                                    .addArrayOfOffsetDateTime(lasts).addValue(ids).addValue(contents))
                            .replaceWith(numbers);
                });
    }

    /** The time of some blocks that are close to each other. */
    private record Period(LocalDate day, Instant first, Instant last) {

        static List<Period> of(List<DecisionBlock> blocks) {
            var periods = new ArrayList<Period>();
            for (DecisionBlock block : blocks) {
                Period before = periods.isEmpty() ? null : periods.get(periods.size() - 1);
                boolean isClose = before != null && before.day().equals(block.day())
                        && !block.firstAt().isAfter(before.last().plus(DecisionBlock.MAX_SPAN));
                if (isClose) {
                    periods.set(periods.size() - 1, new Period(before.day(), before.first(), block.lastAt()));
                } else {
                    periods.add(new Period(block.day(), block.firstAt(), block.lastAt()));
                }
            }
            return periods;
        }
    }

    /**
     * Returns the stored blocks of the same time that can contain some of the same decisions, and their days. A record
     * of the topic that is read again has the same times.
     *
     * @param blocks in the order of the log
     */
    static Uni<Map<Long, LocalDate>> repeated(SqlConnection transaction, List<DecisionBlock> blocks) {
        List<Period> periods = Period.of(blocks);
        return transaction.preparedQuery("""
                select b.day, b.block, b.ids
                from unnest($1::date[], $2::timestamptz[], $3::timestamptz[]) as n (day, first_at, last_at)
                join decision_block b on b.day = n.day and b.first_at <= n.last_at and b.last_at >= n.first_at
                    and b.first_at >= n.first_at - $4::bigint * interval '1 second'
                """)
                .execute(Tuple.tuple().addArrayOfLocalDate(column(periods, Period::day, LocalDate[]::new))
                        .addArrayOfOffsetDateTime(
                                column(periods, period -> time(period.first()), OffsetDateTime[]::new))
                        .addArrayOfOffsetDateTime(column(periods, period -> time(period.last()), OffsetDateTime[]::new))
                        .addLong(DecisionBlock.MAX_SPAN.toSeconds()))
                .map(rows -> sharing(rows, blocks));
    }

    private static <T> T[] column(List<Period> periods, Function<Period, T> value, IntFunction<T[]> array) {
        return periods.stream().map(value).toArray(array);
    }

    private static Map<Long, LocalDate> sharing(RowSet<Row> rows, List<DecisionBlock> blocks) {
        if (rows.size() == 0) {
            return Map.of();
        }
        Set<Long> hashes = blocks.stream().flatMap(block -> block.decisions().stream())
                .map(decision -> DecisionIndex.hash(decision.decisionId())).collect(Collectors.toSet());
        var found = new HashMap<Long, LocalDate>();
        for (Row row : rows) {
            ByteBuffer ids = ByteBuffer.wrap(row.getBuffer(2).getBytes());
            while (ids.hasRemaining()) {
                if (hashes.contains(ids.getLong())) {
                    found.put(row.getLong(1), row.getLocalDate(0));
                    break;
                }
            }
        }
        return found;
    }

    /** Returns blocks that still exist, without an order. */
    static Uni<List<Stored>> load(SqlClient postgres, Map<Long, LocalDate> blocks) {
        if (blocks.isEmpty()) {
            return Uni.createFrom().item(List.of());
        }
        return postgres.preparedQuery("""
                select b.day, b.block, b.first_at, b.last_at, b.content
                from unnest($1::date[], $2::bigint[]) as n (day, block)
                join decision_block b on b.day = n.day and b.block = n.block
                """)
                .execute(keys(blocks))
                .map(DecisionBlocks::stored)
                .emitOn(Infrastructure.getDefaultExecutor());
    }

    private static Tuple keys(Map<Long, LocalDate> blocks) {
        return Tuple.tuple().addArrayOfLocalDate(blocks.values().toArray(LocalDate[]::new))
                .addArrayOfLong(blocks.keySet().toArray(Long[]::new));
    }

    static List<Stored> stored(RowSet<Row> rows) {
        var stored = new ArrayList<Stored>();
        rows.forEach(row -> stored.add(new Stored(row.getLocalDate(0), row.getLong(1),
                row.getOffsetDateTime(2).toInstant(), row.getOffsetDateTime(3).toInstant(),
                row.getBuffer(4).getBytes())));
        return stored;
    }

    /**
     * Removes decisions from blocks, by writing these again without them. Only one transaction at a time may do so.
     *
     * @return the removed decisions
     */
    static Uni<List<LoggedDecision>> remove(SqlConnection transaction, Map<Long, LocalDate> blocks,
            Predicate<LoggedDecision> removed) {
        List<Map.Entry<Long, LocalDate>> all = blocks.entrySet().stream().sorted(Map.Entry.comparingByKey()).toList();
        return Multi.createFrom().range(0, (all.size() + CHUNK - 1) / CHUNK)
                .onItem().transformToUniAndConcatenate(chunk -> load(transaction, all
                        .subList(chunk * CHUNK, Math.min(all.size(), (chunk + 1) * CHUNK)).stream()
                        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue)))
                        .chain(stored -> rewrite(transaction, stored, removed)))
                .collect().in(ArrayList::new, List::addAll);
    }

    private static Uni<List<LoggedDecision>> rewrite(SqlConnection transaction, List<Stored> blocks,
            Predicate<LoggedDecision> removed) {
        var gone = new ArrayList<LoggedDecision>();
        var changed = new ArrayList<Tuple>();
        for (Stored block : blocks) {
            // Of a block that can't be read, nothing is kept: it may contain what has to be erased
            List<LoggedDecision> decisions = block.decode(DecisionBlock.Filter.ALL);
            List<LoggedDecision> kept = decisions.stream().filter(removed.negate()).toList();
            if (kept.size() < decisions.size() || decisions.isEmpty()) {
                decisions.stream().filter(removed).forEach(gone::add);
                changed.add(Tuple.of(block.day(), block.number(), Buffer.buffer(DecisionBlock.encode(kept))));
            }
        }
        return changed.isEmpty()
                ? Uni.createFrom().item(gone)
                : transaction.preparedQuery("update decision_block set content = $3 where day = $1 and block = $2")
                        .executeBatch(changed).replaceWith(gone);
    }

    static OffsetDateTime time(Instant instant) {
        return instant.atOffset(ZoneOffset.UTC);
    }
}
