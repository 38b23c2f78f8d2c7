package io.nextbestoffer.history;

import java.time.Clock;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import jakarta.enterprise.context.ApplicationScoped;

import org.jspecify.annotations.Nullable;

import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.SqlClient;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;

/**
 * Finds the blocks that contain decisions of a customer, or with an id. Each save adds rows with all its hashes, which
 * a look-up has to scan. {@link #merge} replaces many of them by rows of a small range of hashes each, of which a
 * look-up reads one.
 */
@ApplicationScoped
class DecisionIndex {

    /** Key of the advisory lock of {@link #merge}, which nothing else uses. */
    private static final long MERGE_LOCK = 0x7472616366L;

    /** A merge begins with this many entries of a day: some milliseconds to scan. */
    static final int MERGE_ENTRIES = 100_000;

    /** Limits how much a merge holds in memory. */
    private static final int MAX_MERGED = 400_000;

    private static final int MERGE_ROWS = 256;
    private static final int BUCKET_ENTRIES = 256;
    private static final int MAX_BITS = 16;

    /** The bucket of all hashes. */
    private static final int ALL = 1;

    private final Pool postgres;
    private final Clock clock;

    DecisionIndex(Pool postgres, Clock clock) {
        this.postgres = postgres;
        this.clock = clock;
    }

    /** What a hash is made of. The number is stored. */
    private enum Kind {
        CUSTOMER, DECISION
    }

    /**
     * A block that contains decisions of a customer.
     *
     * @param ids hashes of these decisions' ids
     */
    record Hit(LocalDate day, long block, List<Long> ids) {
    }

    private record Entry(long hash, long block, long id) {
    }

    static long hash(UUID decisionId) {
        return mix(decisionId.getMostSignificantBits() ^ mix(decisionId.getLeastSignificantBits()));
    }

    /** FNV-1a, and a mixer, because the index uses the first bits. */
    static long hash(String customer) {
        long hash = 0xcbf29ce484222325L;
        for (int i = 0; i < customer.length(); i++) {
            hash = (hash ^ customer.charAt(i)) * 0x100000001b3L;
        }
        return mix(hash);
    }

    /** The finalizer of MurmurHash3. */
    private static long mix(long bits) {
        long mixed = (bits ^ bits >>> 33) * 0xff51afd7ed558ccdL;
        mixed = (mixed ^ mixed >>> 33) * 0xc4ceb9fe1a85ec53L;
        return mixed ^ mixed >>> 33;
    }

    /**
     * Adds blocks that are stored in the same transaction.
     *
     * @param numbers of the blocks
     */
    Uni<Void> add(SqlConnection transaction, List<DecisionBlock> blocks, List<Long> numbers) {
        var customers = new HashMap<LocalDate, List<Entry>>();
        var decisions = new HashMap<LocalDate, List<Entry>>();
        for (int i = 0; i < blocks.size(); i++) {
            DecisionBlock block = blocks.get(i);
            long number = numbers.get(i);
            var ofDay = customers.computeIfAbsent(block.day(), day -> new ArrayList<>());
            var idsOfDay = decisions.computeIfAbsent(block.day(), day -> new ArrayList<>());
            for (LoggedDecision decision : block.decisions()) {
                long id = hash(decision.decisionId());
                ofDay.add(new Entry(hash(decision.customer()), number, id));
                idsOfDay.add(new Entry(id, number, id));
            }
        }
        var rows = new ArrayList<Tuple>();
        customers.forEach((day, entries) -> rows.add(row(day, Kind.CUSTOMER, ALL, entries)));
        decisions.forEach((day, entries) -> rows.add(row(day, Kind.DECISION, ALL, entries)));
        return insert(transaction, rows);
    }

    private static Tuple row(LocalDate day, Kind kind, int bucket, List<Entry> entries) {
        var hashes = new Long[entries.size()];
        var blocks = new Long[entries.size()];
        var ids = new Long[kind == Kind.CUSTOMER ? entries.size() : 0];
        for (int i = 0; i < entries.size(); i++) {
            Entry entry = entries.get(i);
            hashes[i] = entry.hash();
            blocks[i] = entry.block();
            if (kind == Kind.CUSTOMER) {
                ids[i] = entry.id();
            }
        }
        return Tuple.tuple().addLocalDate(day).addInteger(kind.ordinal()).addInteger(bucket)
                .addInteger(entries.size()).addArrayOfLong(hashes).addArrayOfLong(blocks)
                .addArrayOfLong(ids);
    }

    private static Uni<Void> insert(SqlConnection transaction, List<Tuple> rows) {
        return transaction.preparedQuery("""
                insert into decision_index (day, kind, bucket, entries, hashes, blocks, ids)
                values ($1, $2, $3, $4, $5, $6, $7)
                """)
                .executeBatch(rows).replaceWithVoid();
    }

    /** Returns the blocks that can contain decisions of a customer, in no particular order. */
    Uni<List<Hit>> ofCustomer(String customer) {
        return postgres.preparedQuery("""
                select i.day, e.block, array_agg(e.id)
                from decision_index i, unnest(i.hashes, i.blocks, i.ids) as e (hash, block, id)
                where i.kind = 0 and (i.bucket = 1 or i.bucket = any(decision_index_buckets($1)))
                    and $1 = any(i.hashes) and e.hash = $1
                group by i.day, e.block
                """)
                .execute(Tuple.of(hash(customer)))
                .map(rows -> {
                    var hits = new ArrayList<Hit>();
                    rows.forEach(row -> hits.add(new Hit(row.getLocalDate(0), row.getLong(1),
                            List.of(row.getArrayOfLongs(2)))));
                    return hits;
                });
    }

    /** Returns the blocks that can contain decisions of these customers, and their days. */
    static Uni<Map<Long, LocalDate>> ofCustomers(SqlClient postgres, Collection<String> customers) {
        return blocks(postgres, Kind.CUSTOMER, customers.stream().map(DecisionIndex::hash), null);
    }

    /**
     * Returns the blocks that can contain decisions with these ids, and their days.
     *
     * @param days of the decisions; null if they are not known
     */
    static Uni<Map<Long, LocalDate>> ofDecisions(SqlClient postgres, Collection<UUID> decisionIds,
            @Nullable Collection<LocalDate> days) {
        return blocks(postgres, Kind.DECISION, decisionIds.stream().map(DecisionIndex::hash), days);
    }

    private static Uni<Map<Long, LocalDate>> blocks(SqlClient postgres, Kind kind, Stream<Long> hashes,
            @Nullable Collection<LocalDate> days) {
        Tuple parameters = Tuple.tuple().addInteger(kind.ordinal())
                .addArrayOfLong(hashes.distinct().toArray(Long[]::new));
        if (days != null) {
            parameters.addArrayOfLocalDate(days.stream().distinct().toArray(LocalDate[]::new));
        }
        // Of rows of all hashes, each is read once, whatever the number of hashes. The time of && grows with it
        return postgres.preparedQuery("""
                select i.day, e.block
                from decision_index i, unnest(i.hashes, i.blocks) as e (hash, block)
                where i.kind = $1 and i.bucket = 1 and (cardinality($2::bigint[]) > 8 or i.hashes && $2)
                    and e.hash = any($2)
                    %1$s
                union
                select i.day, e.block
                from unnest($2::bigint[]) as q (hash)
                join decision_index i on i.kind = $1 and i.bucket = any(decision_index_buckets(q.hash))
                    and q.hash = any(i.hashes) %1$s
                cross join unnest(i.hashes, i.blocks) as e (hash, block)
                where e.hash = q.hash
                """.formatted(days == null ? "" : "and i.day = any($3)"))
                .execute(parameters)
                .map(rows -> {
                    var blocks = new HashMap<Long, LocalDate>();
                    rows.forEach(row -> blocks.put(row.getLong(1), row.getLocalDate(0)));
                    return blocks;
                });
    }

    /**
     * Merges rows of all hashes where there are many, or where no more decisions are expected. Replicas merge one after
     * another.
     *
     * @return how many rows were merged
     */
    Uni<Integer> merge() {
        return postgres.preparedQuery("""
                select day, kind from decision_index where bucket = 1
                group by day, kind
                having sum(entries) >= $1 or count(*) >= $2 or day < $3 and count(*) > 1
                """)
                .execute(Tuple.of(MERGE_ENTRIES, MERGE_ROWS, today()))
                .chain(rows -> {
                    Uni<Integer> merged = Uni.createFrom().item(0);
                    for (Row row : rows) {
                        merged = merged.chain(before -> merge(row.getLocalDate(0), row.getInteger(1))
                                .map(more -> before + more));
                    }
                    return rows.size() == 0
                            ? merged
                            : merged.chain(some -> some == 0
                                    ? Uni.createFrom().item(0)
                                    : merge().map(more -> some + more));
                });
    }

    private LocalDate today() {
        return LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
    }

    private Uni<Integer> merge(LocalDate day, int kind) {
        return postgres.withTransaction(transaction -> transaction
                .preparedQuery("select pg_try_advisory_xact_lock($1)").execute(Tuple.of(MERGE_LOCK))
                .chain(locked -> !locked.iterator().next().getBoolean(0)
                        ? Uni.createFrom().item(0)
                        : take(transaction, day, kind)
                                .emitOn(Infrastructure.getDefaultExecutor())
                                .chain(taken -> taken.size() == 0
                                        ? Uni.createFrom().item(0)
                                        : insert(transaction, merged(day, Kind.values()[kind], taken))
                                                .replaceWith(taken.size()))));
    }

    /** Deletes and returns rows, the earliest first, up to a number of entries. */
    private static Uni<RowSet<Row>> take(SqlConnection transaction, LocalDate day, int kind) {
        return transaction.preparedQuery("""
                delete from decision_index i using (
                    select ctid as place, sum(entries) over (order by ctid) - entries as before
                    from decision_index where day = $1 and kind = $2 and bucket = 1) oldest
                where i.day = $1 and i.ctid = oldest.place and oldest.before < $3
                returning i.hashes, i.blocks, i.ids
                """)
                .execute(Tuple.of(day, kind, MAX_MERGED));
    }

    private List<Tuple> merged(LocalDate day, Kind kind, RowSet<Row> rows) {
        var entries = new ArrayList<Entry>();
        for (Row row : rows) {
            Long[] hashes = row.getArrayOfLongs(0);
            Long[] blocks = row.getArrayOfLongs(1);
            Long[] ids = kind == Kind.CUSTOMER ? row.getArrayOfLongs(2) : hashes;
            for (int i = 0; i < hashes.length; i++) {
                entries.add(new Entry(hashes[i], blocks[i], ids[i]));
            }
        }
        if (entries.size() < MERGE_ENTRIES && !day.isBefore(today())) {
            // Merged again later: many small merges would make look-ups slow
            return List.of(row(day, kind, ALL, entries));
        }
        return buckets(entries).entrySet().stream().sorted(Map.Entry.comparingByKey())
                .map(bucket -> row(day, kind, bucket.getKey(), bucket.getValue())).toList();
    }

    private static Map<Integer, List<Entry>> buckets(List<Entry> entries) {
        int bits = 0;
        while (bits < MAX_BITS && entries.size() >> bits > BUCKET_ENTRIES) {
            bits++;
        }
        if (bits == 0) {
            return Map.of(ALL, entries);
        }
        int first = 1 << bits;
        int shift = Long.SIZE - bits;
        return entries.stream().collect(Collectors.groupingBy(entry -> first | (int) (entry.hash() >>> shift)));
    }
}
