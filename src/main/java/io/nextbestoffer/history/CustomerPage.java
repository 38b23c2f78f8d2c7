package io.nextbestoffer.history;

import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;

import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.SqlClient;
import io.vertx.mutiny.sqlclient.Tuple;

/** Reads a page of a customer's decisions, the newest first. It loads blocks until the page is full. */
final class CustomerPage {

    private final SqlClient postgres;
    private final String customer;
    private final LoggedDecision.LogCursor before;
    private final int limit;
    private final List<LoggedDecision> found = new ArrayList<>();

    /** Of decisions that are in more than one block, the time of the latest. */
    private final Map<LoggedDecision.DayAndId, Instant> latest = new HashMap<>();

    private record DayAndHash(LocalDate day, long id) {
    }

    private record BlockTime(LocalDate day, long number, Instant lastAt) {
    }

    CustomerPage(SqlClient postgres, String customer, LoggedDecision.LogCursor before, int limit) {
        this.postgres = postgres;
        this.customer = customer;
        this.before = before;
        this.limit = limit;
    }

    /** @param hits blocks that can contain the customer's decisions */
    Uni<List<LoggedDecision>> read(List<DecisionIndex.Hit> hits) {
        return DecisionBlocks.load(postgres, repeated(hits))
                .invoke(blocks -> blocks.stream().flatMap(block -> block.decode(this::isWanted).stream())
                        .forEach(decision -> latest.merge(decision.dayAndId(), decision.decidedAt(),
                                (one, other) -> one.isBefore(other) ? other : one)))
                .chain(() -> times(hits))
                .chain(this::readBlocks);
    }

    private boolean isWanted(UUID id, Instant decidedAt, String of) {
        return customer.equals(of);
    }

    /** The blocks with a decision that is in another block of the same day, too. */
    private static Map<Long, LocalDate> repeated(List<DecisionIndex.Hit> hits) {
        var once = new HashMap<DayAndHash, DecisionIndex.Hit>();
        var repeated = new HashMap<Long, LocalDate>();
        for (var hit : hits) {
            for (long id : new HashSet<>(hit.ids())) {
                DecisionIndex.Hit other = once.putIfAbsent(new DayAndHash(hit.day(), id), hit);
                if (other != null) {
                    repeated.put(other.block(), other.day());
                    repeated.put(hit.block(), hit.day());
                }
            }
        }
        return repeated;
    }

    private Uni<List<BlockTime>> times(List<DecisionIndex.Hit> hits) {
        return postgres.preparedQuery("""
                select b.day, b.block, b.last_at
                from unnest($1::date[], $2::bigint[]) as n (day, block)
                join decision_block b on b.day = n.day and b.block = n.block
                where b.first_at <= $3
                """)
                .execute(Tuple.tuple()
                        .addArrayOfLocalDate(hits.stream().map(DecisionIndex.Hit::day).toArray(LocalDate[]::new))
                        .addArrayOfLong(hits.stream().map(DecisionIndex.Hit::block).toArray(Long[]::new))
                        .addOffsetDateTime(DecisionBlocks.time(before.decidedAt())))
                .map(rows -> {
                    var times = new ArrayList<BlockTime>();
                    rows.forEach(row -> times.add(new BlockTime(row.getLocalDate(0), row.getLong(1),
                            row.getOffsetDateTime(2).toInstant())));
                    times.sort(Comparator.comparing(BlockTime::lastAt).reversed());
                    return times;
                });
    }

    /** @param blocks the latest first */
    private Uni<List<LoggedDecision>> readBlocks(List<BlockTime> blocks) {
        if (blocks.isEmpty()) {
            return Uni.createFrom().item(page());
        }
        List<BlockTime> next = blocks.subList(0, Math.min(limit, blocks.size()));
        List<BlockTime> others = blocks.subList(next.size(), blocks.size());
        return DecisionBlocks.load(postgres, numbers(next)).chain(loaded -> {
            loaded.stream().flatMap(block -> block.decode(this::isWanted).stream())
                    .filter(decision -> before.compareTo(decision.decisionId(), decision.decidedAt()) > 0)
                    .filter(decision -> !decision.decidedAt()
                            .isBefore(latest.getOrDefault(decision.dayAndId(), Instant.MIN)))
                    .forEach(found::add);
            return isFull(others) ? Uni.createFrom().item(page()) : readBlocks(others);
        });
    }

    private static Map<Long, LocalDate> numbers(Collection<BlockTime> blocks) {
        return blocks.stream().collect(Collectors.toMap(BlockTime::number, BlockTime::day));
    }

    /** Whether no other block contains a decision of this page. */
    private boolean isFull(List<BlockTime> others) {
        return !others.isEmpty() && found.stream()
                .filter(decision -> decision.decidedAt().isAfter(others.get(0).lastAt())).count() >= limit;
    }

    private List<LoggedDecision> page() {
        return found.stream().sorted(LoggedDecision.ORDER.reversed()).limit(limit).toList();
    }
}
