package io.nextbestoffer.governance;

import java.time.Duration;
import java.util.List;

import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;

import org.jboss.logging.Logger;
import org.jboss.logging.Logger.Level;
import org.jspecify.annotations.Nullable;

import io.nextbestoffer.platform.Problems;
import io.nextbestoffer.platform.Ticker;
import io.nextbestoffer.strategy.Strategy;
import io.quarkus.runtime.Startup;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.SqlConnection;

/** The active strategies and the routing between them, kept in memory by polling Postgres. */
@Startup
@ApplicationScoped
public class ActiveStrategyCache {

    private static final Logger LOG = Logger.getLogger(ActiveStrategyCache.class);

    private final Pool postgres;
    private final CompiledStrategyCache strategies;
    private final InitialStrategySeeder seeder;
    private final ActiveStrategyLoader loader;
    private final Duration maxAge;
    private final Duration activationDelay;
    private final Ticker ticker;
    private volatile @Nullable LoadedStrategies loaded;
    private volatile boolean reachable;
    private boolean seeded;

    ActiveStrategyCache(Pool postgres, CompiledStrategyCache strategies, InitialStrategySeeder seeder,
            StrategyConfig config) {
        require(config.refresh().compareTo(config.activationDelay()) < 0, "nbo.strategies.refresh (" + config.refresh()
                + ") must be less than nbo.strategies.activation-delay (" + config.activationDelay()
                + "): otherwise an activation could take effect before a replica has loaded it");
        require(config.refresh().compareTo(config.maxAge()) < 0, "nbo.strategies.refresh (" + config.refresh()
                + ") must be less than nbo.strategies.max-age (" + config.maxAge()
                + "): otherwise the strategies would be too old before each poll");
        this.postgres = postgres;
        this.strategies = strategies;
        this.seeder = seeder;
        maxAge = config.maxAge();
        activationDelay = config.activationDelay();
        loader = new ActiveStrategyLoader(postgres, strategies);
        ticker = Ticker.every(config.refresh(), this::refresh, failure -> {
            // Warns once per outage; readiness and metrics show how long it lasts
            LOG.logf(reachable || loaded == null ? Level.WARN : Level.DEBUG,
                    "Could not refresh the active strategies: %s", failure.getClass().getName());
            reachable = false;
        });
    }

    private static void require(boolean valid, String message) {
        if (!valid) {
            throw new ConfigurationException(message);
        }
    }

    /**
     * The strategies for decisions made now; null if they have not been loaded yet, or if polls have failed for longer
     * than their maximum age.
     */
    public @Nullable ActiveStrategies current() {
        LoadedStrategies latest = loaded;
        long now = System.nanoTime();
        return latest == null || now - latest.polledAt() > maxAge.toNanos() ? null : latest.activeAt(now);
    }

    /** Time since the last successful poll began; null if the strategies have not been loaded yet. */
    @Nullable
    Duration age() {
        LoadedStrategies latest = loaded;
        return latest == null ? null : Duration.ofNanos(System.nanoTime() - latest.polledAt());
    }

    /** Whether every activation that is in effect has been loaded; false if nothing has been loaded yet. */
    boolean isCurrent() {
        Duration age = age();
        return age != null && age.compareTo(activationDelay) <= 0;
    }

    /** The active strategies, and those that scheduled activations will make active; empty if not loaded yet. */
    List<ActiveStrategies> currentAndScheduled() {
        LoadedStrategies latest = loaded;
        return latest == null ? List.of() : latest.timeline().all();
    }

    /** Fails with a problem if a strategy was activated that this replica has not loaded yet. */
    Uni<Void> confirm(SqlConnection transaction) {
        LoadedStrategies latest = loaded;
        return transaction.query("select revision from strategy_revision").execute().invoke(rows -> {
            if (latest == null || latest.revision() != rows.iterator().next().getLong("revision")) {
                throw Problems.problem(503, "strategies-changing", "Strategies are changing",
                        "A strategy was activated a moment ago. Try again in a second.").build();
            }
        }).replaceWithVoid();
    }

    /** Any version of a strategy, active or not; null if it does not exist or can't be used. */
    public Uni<@Nullable Strategy> find(String name, int version) {
        return strategies.find(postgres, new VersionRef(name, version))
                .map(found -> found != null && found.document() instanceof Strategy strategy ? strategy : null);
    }

    /** Whether the last poll succeeded. */
    public boolean isReachable() {
        return reachable;
    }

    /** The active versions that can't be used, and why; null if all can. */
    public @Nullable String obstacle() {
        LoadedStrategies latest = loaded;
        return latest == null ? null : latest.obstacle();
    }

    private Uni<Void> refresh() {
        return (seeded ? Uni.createFrom().voidItem() : seeder.seed().invoke(() -> seeded = true))
                .chain(() -> loader.poll(loaded))
                .invoke(latest -> {
                    loaded = latest;
                    reachable = true;
                })
                .replaceWithVoid();
    }

    @PreDestroy
    void close() {
        ticker.close();
    }
}
