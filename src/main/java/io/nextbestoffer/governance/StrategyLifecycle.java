package io.nextbestoffer.governance;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.BiFunction;

import jakarta.enterprise.context.ApplicationScoped;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.governance.CompiledStrategyCache.Compiled;
import io.nextbestoffer.governance.StrategyVersions.LifecycleStatus;
import io.nextbestoffer.governance.StrategyVersions.StoredVersion;
import io.nextbestoffer.governance.StrategyVersions.ToActivate;
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

/** What people do with versions. Fails with a problem where it must not be done. */
@ApplicationScoped
class StrategyLifecycle {

    /** Between the moment an activation reads the clock and the one it is committed. */
    private static final Duration COMMIT = Duration.ofMillis(500);

    private final Pool postgres;
    private final StrategyTransactions transactions;
    private final StrategyVersions versions;
    private final CompiledStrategyCache documents;
    private final NotFoundProblems unknown;
    private final Offers offers;
    private final StrategyConfig config;

    StrategyLifecycle(Pool postgres, StrategyTransactions transactions, StrategyVersions versions,
            CompiledStrategyCache documents, NotFoundProblems unknown, Offers offers, StrategyConfig config) {
        this.postgres = postgres;
        this.transactions = transactions;
        this.versions = versions;
        this.documents = documents;
        this.unknown = unknown;
        this.offers = offers;
        this.config = config;
    }

    /** @param created whether there was no version with this text */
    record Draft(VersionRef version, boolean created) {
    }

    /** @param effectiveAt by the clock of the database */
    record Activated(VersionRef version, Instant effectiveAt) {
    }

    /** Saves it as the next version, unless the newest one has the same text. */
    Uni<Draft> save(ValidatedDocument posted, AuditInfo deed) {
        String name = posted.document().name();
        return transactions.write(transaction -> versions.page(transaction, name, Integer.MAX_VALUE, 1)
                .chain(found -> {
                    StoredVersion newest = found.isEmpty() ? null : found.get(0);
                    return newest == null || newest.discarded()
                            ? create(transaction, posted, newest, deed)
                            : versions.document(transaction, newest.version())
                                    .chain(text -> posted.text().equals(text)
                                            ? Uni.createFrom().item(new Draft(newest.version(), false))
                                            : create(transaction, posted, newest, deed));
                }));
    }

    private Uni<Draft> create(SqlConnection transaction, ValidatedDocument posted, @Nullable StoredVersion newest,
            AuditInfo deed) {
        int version = newest == null ? 1 : newest.version().version() + 1;
        return versions.save(transaction, posted, version, deed)
                .replaceWith(() -> new Draft(new VersionRef(posted.document().name(), version), true));
    }

    /** Approving again changes nothing. */
    Uni<Void> approve(VersionRef version, AuditInfo deed) {
        return onVersion(version, (transaction, saved) -> {
            if (saved.author().isSameAs(deed.actor())) {
                throw conflict("own-version", "Own version",
                        "Who wrote a version can't approve it: somebody else must.");
            }
            return saved.approvals().stream().anyMatch(approval -> approval.by().isSameAs(deed.actor()))
                    ? Uni.createFrom().voidItem()
                    : versions.approve(transaction, version, deed);
        });
    }

    /** Discarding again changes nothing. */
    Uni<Void> discard(VersionRef version, AuditInfo deed) {
        return transactions.write(transaction -> find(transaction, version).chain(saved -> saved.discarded()
                ? Uni.createFrom().voidItem()
                : versions.standing(transaction, version.strategy())
                        .invoke(standing -> requireDraft(saved, standing))
                        .chain(() -> versions.discard(transaction, version, deed))));
    }

    private static void requireDraft(StoredVersion saved, LifecycleStatus standing) {
        if (standing.state(saved) != ActivationHistory.State.DRAFT) {
            throw conflict("not-a-draft", "Not a draft",
                    "A version that was activated stays, for the decisions it made.");
        }
    }

    Uni<Activated> activate(VersionRef version, AuditInfo deed) {
        return compiled(postgres, version).chain(document -> onVersion(version, (transaction, saved) -> {
            requireApproval(saved);
            return versions.standing(transaction, version.strategy())
                    .chain(standing -> {
                        requireInactive(version, standing);
                        return activate(transaction, document, standing, null, version, deed);
                    });
        }));
    }

    /** Activates what was active before what is active now, or is about to be. */
    Uni<Activated> rollback(String strategy, AuditInfo deed) {
        return transactions.write(transaction -> versions.standing(transaction, strategy)
                .chain(standing -> {
                    Activation before = standing.history().beforeNewest();
                    if (before == null) {
                        return unknown.strategy(transaction, strategy)
                                .chain(known -> Uni.createFrom().failure(conflict("nothing-before",
                                        "Nothing to go back to",
                                        "No other version of " + strategy + " was active before.")));
                    }
                    return compiled(transaction, before.version())
                            .chain(document -> activate(transaction, document, standing,
                                    before, before.version(), deed));
                }));
    }

    private Uni<Activated> activate(SqlConnection transaction, Document document, LifecycleStatus standing,
            @Nullable Activation restores, VersionRef version, AuditInfo deed) {
        Activation newest = standing.history().newest();
        var what = new ToActivate(version, document, config.activationDelay().plus(COMMIT),
                newest == null ? null : newest.version(), restores);
        return check(transaction, document)
                // Who dies now must not commit later, when others decide by it already
                .chain(() -> transaction.query("set local idle_in_transaction_session_timeout = "
                        + COMMIT.toMillis()).execute())
                .chain(() -> versions.activate(transaction, what, deed))
                .map(effectiveAt -> new Activated(version, effectiveAt));
    }

    /** Against the catalog as it is, which stays so till the transaction ends. */
    private Uni<Void> check(SqlConnection transaction, Document document) {
        return transaction.query("select from catalog_revision for update").execute()
                .chain(() -> offers.in(transaction))
                .chain(catalog -> versions.activated(transaction)
                        .emitOn(Infrastructure.getDefaultExecutor())
                        .map(activated -> DocumentChecks.of(document, catalog, activated)))
                .invoke(findings -> {
                    if (findings.stream().anyMatch(finding -> finding.severity() == Severity.ERROR)) {
                        throw notActivatable("With the offers and strategies that there are it could not decide.",
                                findings);
                    }
                })
                .replaceWithVoid();
    }

    private Uni<Document> compiled(SqlClient client, VersionRef version) {
        return documents.find(client, version)
                .chain(found -> found == null ? unknown.version(client, version) : usable(found));
    }

    private static Uni<Document> usable(Compiled compiled) {
        return compiled.document() == null
                ? Uni.createFrom()
                        .failure(notActivatable("This release can't use it: " + compiled.problem(), List.of()))
                : Uni.createFrom().item(compiled.document());
    }

    private <T> Uni<T> onVersion(VersionRef version, BiFunction<SqlConnection, StoredVersion, Uni<T>> step) {
        return transactions.write(transaction -> find(transaction, version).chain(saved -> {
            if (saved.discarded()) {
                throw conflict("discarded", "Discarded", "This version was discarded.");
            }
            return step.apply(transaction, saved);
        }));
    }

    private Uni<StoredVersion> find(SqlConnection transaction, VersionRef version) {
        return versions.find(transaction, version).onItem().ifNull()
                .switchTo(() -> unknown.version(transaction, version));
    }

    private void requireApproval(StoredVersion saved) {
        if (config.secondPersonApproval() && !saved.isApprovedBySomebodyElse()) {
            throw conflict("approval-missing", "Approval missing", "Somebody else than " + saved.author().name()
                    + ", who wrote it, must approve this version first.");
        }
    }

    private static void requireInactive(VersionRef version, LifecycleStatus standing) {
        Activation newest = standing.history().newest();
        if (newest != null && newest.version().equals(version)) {
            throw conflict("already-active", "Already active",
                    "This version is active since, or will be from, " + newest.effectiveAt() + ".");
        }
    }

    private static HttpProblem notActivatable(String why, List<Finding> findings) {
        return Problems.problem(409, "not-activatable", "Not activatable", why)
                .with("findings", findings.stream().map(FindingJson::of).toList()).build();
    }

    private static HttpProblem conflict(String type, String title, String detail) {
        return Problems.problem(409, type, title, detail).build();
    }
}
