package io.nextbestoffer.governance;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

import jakarta.inject.Singleton;

import org.eclipse.microprofile.config.ConfigProvider;
import org.jboss.logging.Logger;

import io.nextbestoffer.governance.StrategyActivations.NewActivation;
import io.nextbestoffer.platform.security.Actor;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.SqlConnection;

/** Stores the shipped strategies, and activates the configured ones if the database is new. */
@Singleton // created together with the beans that need it, so that an invalid configuration stops the start
class InitialStrategySeeder {

    private static final Logger LOG = Logger.getLogger(InitialStrategySeeder.class);
    private static final Actor AUTHOR = new Actor(null, "next-best-offer");

    /**
     * A property that was removed. It is rejected: if it was ignored, the service would decide by another strategy than
     * its operator expects.
     */
    private static final String REMOVED_PROPERTY = "nbo.strategy.document";

    private final StrategyTransactions transactions;
    private final StrategyVersions versions;
    private final StrategyActivations activations;
    private final InitialStrategies initial;

    InitialStrategySeeder(StrategyTransactions transactions, StrategyVersions versions,
            StrategyActivations activations, StrategyConfig config) {
        this.transactions = transactions;
        this.versions = versions;
        this.activations = activations;
        ConfigProvider.getConfig().getOptionalValue(REMOVED_PROPERTY, String.class).ifPresent(document -> {
            throw new ConfigurationException(REMOVED_PROPERTY + " no longer exists: name the file in"
                    + " nbo.strategies.initial, which is used when the database is new, or post it to /strategies",
                    Set.of(REMOVED_PROPERTY));
        });
        initial = InitialStrategies.read(config.initial());
    }

    /** Repeatable, and safe if several replicas do it at the same time. */
    Uni<Void> seed() {
        return transactions
                .write(transaction -> versions.names(transaction).chain(names -> seed(transaction, names)));
    }

    private Uni<Void> seed(SqlConnection transaction, Set<String> existing) {
        List<ValidatedDocument> missing = initial.strategies().values().stream()
                .filter(validated -> !existing.contains(validated.document().name())).toList();
        if (!missing.isEmpty()) {
            LOG.infof("storing version 1 of the strategies %s",
                    missing.stream().map(validated -> validated.document().name()).toList());
        }
        return each(missing, validated -> save(transaction, validated))
                .chain(() -> existing.isEmpty() ? activateInitial(transaction) : Uni.createFrom().voidItem());
    }

    /** Does not check against the catalog, which is new too: readiness reports missing offers. */
    private Uni<Void> activateInitial(SqlConnection transaction) {
        ValidatedDocument routing = initial.routing();
        return transaction.query("select from catalog_revision for update").execute()
                .chain(() -> save(transaction, routing))
                .chain(() -> each(initial.active(),
                        name -> activate(transaction, initial.strategies().get(name))))
                .chain(() -> activate(transaction, routing));
    }

    private Uni<Void> save(SqlConnection transaction, ValidatedDocument validated) {
        return versions.save(transaction, validated, 1, new AuditInfo(AUTHOR, null));
    }

    private Uni<Void> activate(SqlConnection transaction, ValidatedDocument validated) {
        var version = new VersionRef(validated.document().name(), 1);
        var activation = new NewActivation(version, validated.document(), Duration.ZERO, null, null);
        return activations.activate(transaction, activation, new AuditInfo(AUTHOR, "first start")).replaceWithVoid();
    }

    private static <T> Uni<Void> each(Collection<T> items, Function<T, Uni<Void>> step) {
        return Multi.createFrom().iterable(items).onItem().transformToUniAndConcatenate(step::apply).toUni()
                .replaceWithVoid();
    }
}
