package io.nextbestoffer.history;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;

import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import io.vertx.mutiny.sqlclient.SqlClient;
import io.vertx.mutiny.sqlclient.Tuple;

/**
 * Reads a page of all decisions, the earliest first. Blocks overlap in time; it loads them until no other block can
 * contain a decision of the page.
 */
final class LogPage {

    /** Blocks of the first query beyond those that would fill the page. */
    private static final int OVERLAPPING = 8;

    private static final int MAX_BLOCKS = 256;

    private final SqlClient postgres;
    private final LoggedDecision.LogCursor cursor;
    private final LocalDate firstDay;
    private final int limit;
    private final List<LoggedDecision> found = new ArrayList<>();
    private Instant lastRead;
    private Instant lastEnd = Instant.EPOCH;
    private long lastNumber = -1;

    LogPage(SqlClient postgres, LoggedDecision.LogCursor cursor, int limit) {
        this.postgres = postgres;
        this.cursor = cursor;
        this.limit = limit;
        firstDay = LocalDate.ofInstant(cursor.decidedAt(), ZoneOffset.UTC);
        lastRead = cursor.decidedAt().minus(DecisionBlock.MAX_SPAN);
    }

    Uni<List<LoggedDecision>> read() {
        return read(Math.min(MAX_BLOCKS, limit / DecisionBlock.MAX_DECISIONS + OVERLAPPING));
    }

    private Uni<List<LoggedDecision>> read(int count) {
        return postgres.preparedQuery("""
                select day, block, first_at, last_at, content from decision_block
                where day >= $1 and (first_at, last_at, block) > ($2, $3, $4) and last_at >= $5
                order by first_at, last_at, block limit $6
                """)
                .execute(Tuple.of(firstDay, DecisionBlocks.time(lastRead), DecisionBlocks.time(lastEnd), lastNumber,
                        DecisionBlocks.time(cursor.decidedAt()), count))
                .emitOn(Infrastructure.getDefaultExecutor())
                .map(DecisionBlocks::stored)
                .chain(blocks -> {
                    blocks.forEach(this::add);
                    return blocks.size() < count || isFull()
                            ? Uni.createFrom().item(found.stream().sorted(LoggedDecision.ORDER).limit(limit).toList())
                            : read(Math.min(MAX_BLOCKS, count * 2));
                });
    }

    private void add(DecisionBlocks.Stored block) {
        found.addAll(block.decode((id, decidedAt, customer) -> cursor.compareTo(id, decidedAt) < 0));
        lastRead = block.firstAt();
        lastEnd = block.lastAt();
        lastNumber = block.number();
    }

    /** Whether later blocks contain no decision of this page. */
    private boolean isFull() {
        return found.stream().filter(decision -> decision.decidedAt().isBefore(lastRead)).count() >= limit;
    }
}
