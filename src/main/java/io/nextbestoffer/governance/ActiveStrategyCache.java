package io.nextbestoffer.governance;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;

import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

import io.nextbestoffer.governance.CompiledStrategyCache.Compiled;
import io.nextbestoffer.platform.Problems;
import io.nextbestoffer.platform.Ticker;
import io.nextbestoffer.strategy.Document;
import io.nextbestoffer.strategy.Strategy;
import io.quarkus.runtime.Startup;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.smallrye.mutiny.TimeoutException;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;

/** The strategies in force and the routing between them, as Postgres had them a second ago. */
@Startup
@ApplicationScoped
public class ActiveStrategyCache {

    private static final Logger LOG = Logger.getLogger(ActiveStrategyCache.class);

    /** An answer that took longer is none: {@code maxAge} has it. */
    private static final Duration TOO_LATE = Duration.ofSeconds(1);

    private final Pool postgres;
    private final CompiledStrategyCache documents;
    private final InitialStrategySeeder firstStart;
    private final Duration maxAge;
    private final Ticker refreshing;
    private volatile @Nullable Known known;
    private volatile boolean reachable;
    private boolean prepared;

    ActiveStrategyCache(Pool postgres, CompiledStrategyCache documents, InitialStrategySeeder firstStart,
            StrategyConfig config) {
        require(config.maxAge().compareTo(config.activationDelay()) <= 0, "nbo.strategies.max-age (" + config.maxAge()
                + ") must not exceed nbo.strategies.activation-delay (" + config.activationDelay()
                + "): a replica cut off from Postgres would go on with a version that is replaced");
        require(config.refresh().compareTo(config.maxAge()) < 0, "nbo.strategies.refresh (" + config.refresh()
                + ") must be less than nbo.strategies.max-age (" + config.maxAge()
                + "): what is known would be too old each time before it is looked up again");
        this.postgres = postgres;
        this.documents = documents;
        this.firstStart = firstStart;
        maxAge = config.maxAge();
        refreshing = Ticker.every(config.refresh(), this::refresh, failure -> {
            reachable = false;
            LOG.warnf("Could not refresh the active strategies: %s", failure.getClass().getName());
        });
    }

    private static void require(boolean right, String otherwise) {
        if (!right) {
            throw new ConfigurationException(otherwise);
        }
    }

    /**
     * What Postgres has said.
     *
     * @param asked when it was asked, by {@link System#nanoTime}
     * @param clock that of the database, never ahead of it
     * @param obstacle what can't be used
     */
    private record Known(long revision, long asked, DatabaseClock clock, Timeline timeline,
            @Nullable String obstacle) {

        @Nullable
        ActiveStrategies active(long nanoTime) {
            return timeline.at(timeline.isFixed() ? clock.read() : clock.at(nanoTime));
        }
    }

    /** What to decide by now; null if it was not loaded yet, or could not be refreshed for too long. */
    public @Nullable ActiveStrategies current() {
        Known held = known;
        long now = System.nanoTime();
        return held == null || now - held.asked() > maxAge.toNanos() ? null : held.active(now);
    }

    /** What is in force or will be in a moment; empty if it is not known. */
    List<ActiveStrategies> currentAndComing() {
        Known held = known;
        return held == null ? List.of() : held.timeline().all();
    }

    /** Fails with a problem if what this replica knows is out of date for this transaction. */
    Uni<Void> confirm(SqlConnection transaction) {
        Known held = known;
        return transaction.query("select revision from strategy_revision").execute().invoke(rows -> {
            if (held == null || held.revision() != rows.iterator().next().getLong(0)) {
                throw Problems.problem(503, "strategies-changing", "Strategies are changing",
                        "A strategy was activated this moment. Ask again in a second.").build();
            }
        }).replaceWithVoid();
    }

    /** Any version of a strategy, active or not; null if there is none that can be used. */
    public Uni<@Nullable Strategy> find(String name, int version) {
        return documents.find(postgres, new VersionRef(name, version))
                .map(found -> found != null && found.document() instanceof Strategy strategy ? strategy : null);
    }

    /** Whether Postgres answered the last time. */
    public boolean isReachable() {
        return reachable;
    }

    /** Which active versions can't be used, and why; null if all can. */
    public @Nullable String obstacle() {
        Known held = known;
        return held == null ? null : held.obstacle();
    }

    private Uni<Void> refresh() {
        return (prepared ? Uni.createFrom().voidItem() : firstStart.prepare().invoke(() -> prepared = true))
                .chain(this::ask);
    }

    private Uni<Void> ask() {
        long asked = System.nanoTime();
        Known held = known;
        // What matters of all activations or, where nothing changed, none: one round trip, one moment
        return postgres.preparedQuery("""
                select r.revision, clock_timestamp(), a.activation_id, a.strategy, a.version, a.effective_at, a.restores
                from strategy_revision r left join strategy_activation a
                on r.revision <> $1 and a.activation_id >= coalesce((
                    select b.activation_id from strategy_activation b
                    where b.strategy = a.strategy and b.effective_at <= clock_timestamp()
                    order by b.strategy desc, b.activation_id desc limit 1), 0)
                """)
                .execute(Tuple.of(held == null ? -1L : held.revision()))
                .ifNoItem().after(maxAge).fail()
                .chain(rows -> learn(held, asked, rows))
                .invoke(learned -> {
                    known = learned;
                    reachable = true;
                })
                .replaceWithVoid();
    }

    private Uni<Known> learn(@Nullable Known held, long asked, RowSet<Row> rows) {
        long received = System.nanoTime();
        if (received - asked > TOO_LATE.toNanos()) {
            // The clock it brings would be so late that others decide by another version meanwhile
            return Uni.createFrom().failure(new TimeoutException());
        }
        Row first = rows.iterator().next();
        long revision = first.getLong(0);
        Instant now = first.getOffsetDateTime(1).toInstant();
        // What was in force once stays so, though this answer took longer on its way than the one before
        Instant before = held == null ? now : held.timeline().since(held.clock().at(received));
        var clock = new DatabaseClock(before.isAfter(now) ? before : now, received);
        if (held != null && held.revision() == revision) {
            return Uni.createFrom()
                    .item(new Known(revision, asked, clock, held.timeline(), held.obstacle()));
        }
        var activations = new ArrayList<Activation>();
        for (Row row : rows) {
            if (row.getLong(2) != null) {
                activations.add(StrategyVersions.activation(row));
            }
        }
        return documents.find(postgres, activations.stream().map(Activation::version).collect(Collectors.toSet()))
                .map(found -> {
                    var timeline = new Timeline(activations, version -> document(found, version), clock.read(),
                            held == null ? null : held.active(received));
                    return new Known(revision, asked, clock, timeline, obstacle(found, timeline.at(clock.read())));
                })
                .invoke(learned -> LOG.infof("revision %d of the strategies: %s", revision, versions(learned)));
    }

    private static @Nullable Document document(Map<VersionRef, Compiled> found, VersionRef version) {
        Compiled compiled = found.get(version);
        return compiled == null ? null : compiled.document();
    }

    private static @Nullable String obstacle(Map<VersionRef, Compiled> found, @Nullable ActiveStrategies active) {
        String broken = found.entrySet().stream().filter(one -> one.getValue().document() == null)
                .map(one -> one.getKey() + " can't be used: " + one.getValue().problem()).sorted()
                .collect(Collectors.joining("; "));
        if (broken.isEmpty()) {
            return active == null ? "no version of the routing is active" : null;
        }
        return broken;
    }

    private static String versions(Known known) {
        var all = new HashSet<String>();
        for (ActiveStrategies active : known.timeline().all()) {
            all.add("routing " + active.routing().version());
            active.strategies().values().forEach(strategy -> all.add(strategy.toString()));
        }
        return all.stream().sorted().collect(Collectors.joining(", "));
    }

    @PreDestroy
    void close() {
        refreshing.close();
    }
}
