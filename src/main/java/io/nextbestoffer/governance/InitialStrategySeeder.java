package io.nextbestoffer.governance;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

import jakarta.inject.Singleton;

import org.eclipse.microprofile.config.ConfigProvider;
import org.jboss.logging.Logger;

import io.nextbestoffer.platform.security.Actor;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.SqlConnection;

/** Saves what ships; and makes a service that has a new database decide by some of it. */
@Singleton // made with who needs it, so that a wrong configuration stops the start
class InitialStrategySeeder {

    private static final Logger LOG = Logger.getLogger(InitialStrategySeeder.class);
    private static final Actor AUTHOR = new Actor(null, "next-best-offer");

    /** Who has it would decide by another strategy than he thinks. */
    private static final String FORMER = "nbo.strategy.document";

    private final StrategyTransactions transactions;
    private final StrategyVersions versions;
    private final InitialStrategies initial;

    InitialStrategySeeder(StrategyTransactions transactions, StrategyVersions versions, StrategyConfig config) {
        this.transactions = transactions;
        this.versions = versions;
        ConfigProvider.getConfig().getOptionalValue(FORMER, String.class).ifPresent(document -> {
            throw new ConfigurationException(FORMER + " is no longer known: name your document in"
                    + " nbo.strategies.initial, which is looked at when the database is new, or post it to /strategies",
                    Set.of(FORMER));
        });
        initial = InitialStrategies.read(config.initial());
    }

    /** May be done by several replicas at the same time, and again with each start. */
    Uni<Void> prepare() {
        return transactions
                .write(transaction -> versions.names(transaction).chain(names -> prepare(transaction, names)));
    }

    private Uni<Void> prepare(SqlConnection transaction, Set<String> names) {
        List<ValidatedDocument> missing = initial.strategies().values().stream()
                .filter(one -> !names.contains(one.document().name())).toList();
        if (!missing.isEmpty()) {
            LOG.infof("saving version 1 of %s", missing.stream().map(one -> one.document().name()).toList());
        }
        return each(missing, one -> save(transaction, one))
                .chain(() -> names.isEmpty() ? begin(transaction) : Uni.createFrom().voidItem());
    }

    /** Not checked against the catalog, which is new too: readiness says what is missing. */
    private Uni<Void> begin(SqlConnection transaction) {
        ValidatedDocument routing = initial.routing();
        return transaction.query("select from catalog_revision for update").execute()
                .chain(() -> save(transaction, routing))
                .chain(() -> each(initial.active(),
                        name -> activate(transaction, initial.strategies().get(name))))
                .chain(() -> activate(transaction, routing));
    }

    private Uni<Void> save(SqlConnection transaction, ValidatedDocument document) {
        return versions.save(transaction, document, 1, new AuditInfo(AUTHOR, null));
    }

    private Uni<Void> activate(SqlConnection transaction, ValidatedDocument document) {
        var version = new VersionRef(document.document().name(), 1);
        return versions
                .activate(transaction, new StrategyVersions.ToActivate(version, document.document(), Duration.ZERO,
                        null, null), new AuditInfo(AUTHOR, "first start"))
                .replaceWithVoid();
    }

    private static <T> Uni<Void> each(Collection<T> all, Function<T, Uni<Void>> step) {
        return Multi.createFrom().iterable(all).onItem().transformToUniAndConcatenate(step::apply).toUni()
                .replaceWithVoid();
    }
}
