package io.nextbestoffer.governance;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.BiFunction;

import jakarta.enterprise.context.ApplicationScoped;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.governance.ActivationHistory.VersionState;
import io.nextbestoffer.governance.CompiledStrategyCache.CompiledDocument;
import io.nextbestoffer.governance.StrategyActivations.NewActivation;
import io.nextbestoffer.offer.Offers;
import io.nextbestoffer.platform.Problems;
import io.nextbestoffer.strategy.Document;
import io.nextbestoffer.strategy.Finding;
import io.nextbestoffer.strategy.Finding.Severity;
import io.quarkiverse.resteasy.problem.HttpProblem;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.SqlClient;
import io.vertx.mutiny.sqlclient.SqlConnection;

/** Creates, approves, discards, activates and rolls back versions. Fails with a problem if that is not allowed. */
@ApplicationScoped
class StrategyLifecycle {

    /** Maximum time between the statement that calculates when an activation takes effect, and the commit. */
    private static final Duration COMMIT_TIMEOUT = Duration.ofMillis(500);

    private final Pool postgres;
    private final StrategyTransactions transactions;
    private final StrategyVersions versions;
    private final StrategyActivations activations;
    private final CompiledStrategyCache strategies;
    private final NotFoundProblems notFound;
    private final Offers offers;
    private final StrategyConfig config;

    StrategyLifecycle(Pool postgres, StrategyTransactions transactions, StrategyVersions versions,
            StrategyActivations activations, CompiledStrategyCache strategies, NotFoundProblems notFound, Offers offers,
            StrategyConfig config) {
        this.postgres = postgres;
        this.transactions = transactions;
        this.versions = versions;
        this.activations = activations;
        this.strategies = strategies;
        this.notFound = notFound;
        this.offers = offers;
        this.config = config;
    }

    /** @param created false if the newest version has the same text */
    record SavedDraft(VersionRef version, boolean created) {
    }

    /** @param effectiveAt by the clock of the database */
    record ActivatedVersion(VersionRef version, Instant effectiveAt) {
    }

    /** Stores a document as the next version of its strategy, unless the newest version has the same text. */
    Uni<SavedDraft> save(ValidatedDocument validated, AuditInfo audit) {
        String name = validated.document().name();
        return transactions.write(transaction -> versions.page(transaction, name, Integer.MAX_VALUE, 1)
                .chain(found -> {
                    StoredVersion newest = found.isEmpty() ? null : found.get(0);
                    return newest == null || newest.discarded()
                            ? create(transaction, validated, newest, audit)
                            : versions.document(transaction, newest.version())
                                    .chain(text -> validated.text().equals(text)
                                            ? Uni.createFrom().item(new SavedDraft(newest.version(), false))
                                            : create(transaction, validated, newest, audit));
                }));
    }

    private Uni<SavedDraft> create(SqlConnection transaction, ValidatedDocument validated,
            @Nullable StoredVersion newest,
            AuditInfo audit) {
        int version = newest == null ? 1 : newest.version().version() + 1;
        return versions.save(transaction, validated, version, audit)
                .replaceWith(() -> new SavedDraft(new VersionRef(validated.document().name(), version), true));
    }

    /** Does nothing if the actor has approved this version before. */
    Uni<Void> approve(VersionRef version, AuditInfo audit) {
        return onVersion(version, (transaction, stored) -> {
            if (stored.author().isSameAs(audit.actor())) {
                throw conflict("own-version", "Own version",
                        "The author of a version can't approve it. Another person must.");
            }
            return stored.approvals().stream().anyMatch(approval -> approval.by().isSameAs(audit.actor()))
                    ? Uni.createFrom().voidItem()
                    : versions.approve(transaction, version, audit);
        });
    }

    /** Does nothing if the version is already discarded. */
    Uni<Void> discard(VersionRef version, AuditInfo audit) {
        return transactions.write(transaction -> find(transaction, version).chain(stored -> stored.discarded()
                ? Uni.createFrom().voidItem()
                : activations.status(transaction, version.strategy())
                        .invoke(status -> requireDraft(stored, status))
                        .chain(() -> versions.discard(transaction, version, audit))));
    }

    private static void requireDraft(StoredVersion stored, LifecycleStatus status) {
        if (status.state(stored) != VersionState.DRAFT) {
            throw conflict("not-a-draft", "Not a draft",
                    "A version that has been activated can't be discarded: decisions refer to it.");
        }
    }

    Uni<ActivatedVersion> activate(VersionRef version, AuditInfo audit) {
        return compiled(postgres, version).chain(document -> onVersion(version, (transaction, stored) -> {
            requireApproval(stored);
            return activations.status(transaction, version.strategy())
                    .chain(status -> {
                        requireInactive(version, status);
                        return activate(transaction, document, status, null, version, audit);
                    });
        }));
    }

    /** Activates the version that was active before the newest activation. */
    Uni<ActivatedVersion> rollback(String strategy, AuditInfo audit) {
        return transactions.write(transaction -> activations.status(transaction, strategy)
                .chain(status -> {
                    Activation target = status.history().rollbackTarget();
                    if (target == null) {
                        return notFound.strategy(transaction, strategy)
                                .chain(known -> Uni.createFrom().failure(conflict("nothing-before",
                                        "No earlier version",
                                        "No other version of " + strategy + " was active before.")));
                    }
                    return compiled(transaction, target.version())
                            .chain(document -> activate(transaction, document, status,
                                    target, target.version(), audit));
                }));
    }

    private Uni<ActivatedVersion> activate(SqlConnection transaction, Document document, LifecycleStatus status,
            @Nullable Activation restores, VersionRef version, AuditInfo audit) {
        Activation newest = status.history().newest();
        var activation = new NewActivation(version, document, config.activationDelay().plus(COMMIT_TIMEOUT),
                newest == null ? null : newest.version(), restores);
        return check(transaction, document)
                // If this replica stalls here, Postgres must abort the transaction: a late commit would miss the time
                // at which the activation takes effect
                .chain(() -> transaction.query("set local idle_in_transaction_session_timeout = "
                        + COMMIT_TIMEOUT.toMillis()).execute())
                .chain(() -> activations.activate(transaction, activation, audit))
                .map(effectiveAt -> new ActivatedVersion(version, effectiveAt));
    }

    /** Checks a document against the current catalog, which is locked until the transaction ends. */
    private Uni<Void> check(SqlConnection transaction, Document document) {
        return transaction.query("select from catalog_revision for update").execute()
                .chain(() -> offers.read(transaction))
                .chain(catalog -> activations.names(transaction)
                        .emitOn(Infrastructure.getDefaultExecutor())
                        .map(activated -> DocumentChecks.run(document, catalog, activated)))
                .invoke(findings -> {
                    if (findings.stream().anyMatch(finding -> finding.severity() == Severity.ERROR)) {
                        throw notActivatable("With the current offers and strategies, this version can't decide.",
                                findings);
                    }
                })
                .replaceWithVoid();
    }

    private Uni<Document> compiled(SqlClient client, VersionRef version) {
        return strategies.find(client, version)
                .chain(found -> found == null ? notFound.version(client, version) : usable(found));
    }

    private static Uni<Document> usable(CompiledDocument compiled) {
        return compiled.document() == null
                ? Uni.createFrom()
                        .failure(notActivatable("This release can't use the version: " + compiled.problem(), List.of()))
                : Uni.createFrom().item(compiled.document());
    }

    private <T> Uni<T> onVersion(VersionRef version, BiFunction<SqlConnection, StoredVersion, Uni<T>> step) {
        return transactions.write(transaction -> find(transaction, version).chain(stored -> {
            if (stored.discarded()) {
                throw conflict("discarded", "Discarded", "This version has been discarded.");
            }
            return step.apply(transaction, stored);
        }));
    }

    private Uni<StoredVersion> find(SqlConnection transaction, VersionRef version) {
        return versions.find(transaction, version).onItem().ifNull()
                .switchTo(() -> notFound.version(transaction, version));
    }

    private void requireApproval(StoredVersion stored) {
        if (config.secondPersonApproval() && !stored.isApprovedBySecondPerson()) {
            throw conflict("approval-missing", "Approval missing", "A person other than its author, "
                    + stored.author().name() + ", must approve this version first.");
        }
    }

    private static void requireInactive(VersionRef version, LifecycleStatus status) {
        Activation newest = status.history().newest();
        if (newest != null && newest.version().equals(version)) {
            throw conflict("already-active", "Already active",
                    "This version is active or scheduled, with effect from " + newest.effectiveAt() + ".");
        }
    }

    private static HttpProblem notActivatable(String detail, List<Finding> findings) {
        return Problems.problem(409, "not-activatable", "Not activatable", detail)
                .with("findings", findings.stream().map(FindingJson::of).toList()).build();
    }

    private static HttpProblem conflict(String type, String title, String detail) {
        return Problems.problem(409, type, title, detail).build();
    }
}
