package io.nextbestoffer.governance;

import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

import io.nextbestoffer.governance.CompiledStrategyCache.CompiledDocument;
import io.nextbestoffer.strategy.Document;
import io.smallrye.mutiny.TimeoutException;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.Tuple;

/** Polls which versions are active, or will be, and compiles them if they have changed. */
class ActiveStrategyLoader {

    private static final Logger LOG = Logger.getLogger(ActiveStrategyLoader.class);
    private static final long NO_REVISION = -1;

    /** The response contains the database's time, which would be too old after a longer round trip. */
    private static final Duration MAX_ROUND_TRIP = Duration.ofSeconds(1);
    private static final Duration TIMEOUT = Duration.ofSeconds(3);

    private final Pool postgres;
    private final CompiledStrategyCache strategies;

    ActiveStrategyLoader(Pool postgres, CompiledStrategyCache strategies) {
        this.postgres = postgres;
        this.strategies = strategies;
    }

    /** @param previous the result of the last successful poll; null if this is the first one */
    Uni<LoadedStrategies> poll(@Nullable LoadedStrategies previous) {
        long polledAt = System.nanoTime();
        // One statement, so that the revision and the activations are from the same moment. Activations before the
        // active one do not matter; none are returned if the revision has not changed
        return postgres.preparedQuery("""
                select r.revision, clock_timestamp() as read_at, a.activation_id, a.strategy, a.version, a.effective_at,
                    a.restores
                from strategy_revision r left join strategy_activation a
                on r.revision <> $1 and a.activation_id >= coalesce((
                    select b.activation_id from strategy_activation b
                    where b.strategy = a.strategy and b.effective_at <= clock_timestamp()
                    order by b.strategy desc, b.activation_id desc limit 1), 0)
                """)
                .execute(Tuple.of(previous == null ? NO_REVISION : previous.revision()))
                .ifNoItem().after(TIMEOUT).fail()
                .chain(rows -> load(previous, polledAt, rows));
    }

    private Uni<LoadedStrategies> load(@Nullable LoadedStrategies previous, long polledAt, RowSet<Row> rows) {
        long receivedAt = System.nanoTime();
        if (receivedAt - polledAt > MAX_ROUND_TRIP.toNanos()) {
            return Uni.createFrom().failure(new TimeoutException());
        }
        Row first = rows.iterator().next();
        long revision = first.getLong("revision");
        DatabaseClock clock = clock(previous, first.getOffsetDateTime("read_at").toInstant(), receivedAt);
        if (previous != null && previous.revision() == revision) {
            return Uni.createFrom().item(
                    new LoadedStrategies(revision, polledAt, clock, previous.timeline(), previous.obstacle()));
        }
        List<Activation> activations = StrategyActivations.activations(rows);
        return strategies.find(postgres, activations.stream().map(Activation::version).collect(Collectors.toSet()))
                .map(compiled -> {
                    var timeline = new Timeline(activations, version -> document(compiled, version), clock.time(),
                            previous == null ? null : previous.activeAt(receivedAt));
                    return new LoadedStrategies(revision, polledAt, clock, timeline,
                            obstacle(compiled, timeline.at(clock.time())));
                })
                .invoke(loaded -> LOG.infof("loaded revision %d of the strategies: %s", revision, versions(loaded)));
    }

    /**
     * The clock of the database. If this response took longer than the one before, its clock is further behind: it must
     * not undo an activation that this replica has already applied.
     */
    private static DatabaseClock clock(@Nullable LoadedStrategies previous, Instant readAt, long receivedAt) {
        Instant applied = previous == null
                ? readAt
                : previous.timeline().activeSince(previous.clock().at(receivedAt));
        return new DatabaseClock(applied.isAfter(readAt) ? applied : readAt, receivedAt);
    }

    private static @Nullable Document document(Map<VersionRef, CompiledDocument> compiled, VersionRef version) {
        CompiledDocument found = compiled.get(version);
        return found == null ? null : found.document();
    }

    private static @Nullable String obstacle(Map<VersionRef, CompiledDocument> compiled,
            @Nullable ActiveStrategies active) {
        String unusable = compiled.entrySet().stream().filter(entry -> entry.getValue().document() == null)
                .map(entry -> entry.getKey() + " can't be used: " + entry.getValue().problem()).sorted()
                .collect(Collectors.joining("; "));
        if (unusable.isEmpty()) {
            return active == null ? "no version of the routing is active" : null;
        }
        return unusable;
    }

    private static String versions(LoadedStrategies loaded) {
        var versions = new HashSet<String>();
        for (ActiveStrategies active : loaded.timeline().all()) {
            versions.add("routing " + active.routing().version());
            active.strategies().values().forEach(strategy -> versions.add(strategy.toString()));
        }
        return versions.stream().sorted().collect(Collectors.joining(", "));
    }
}
