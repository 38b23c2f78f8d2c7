package io.nextbestoffer.governance;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.StreamSupport;

import jakarta.enterprise.context.ApplicationScoped;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.attribute.Id;
import io.nextbestoffer.platform.security.Actor;
import io.nextbestoffer.strategy.Document;
import io.nextbestoffer.strategy.Strategy;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.SqlClient;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;

/** The tables of versions, of what was done with them, and of who did it. */
@ApplicationScoped
class StrategyVersions {

    /** After a version is replaced its offers stay for so long: a replica can be late by what an answer takes. */
    private static final Duration LATE = Duration.ofSeconds(1);

    /** @param kind first-match, rank or routing */
    record StoredVersion(VersionRef version, String kind, String description, Actor author, Instant createdAt,
            @Nullable String comment, boolean discarded, List<Approval> approvals) {

        boolean isApprovedBySomebodyElse() {
            return approvals.stream().anyMatch(approval -> !approval.by().isSameAs(author));
        }
    }

    record Approval(Actor by, Instant at, String comment) {
    }

    /** A strategy's activations, and when they were read, by the clock of the database. */
    record LifecycleStatus(ActivationHistory history, Instant at) {

        @Nullable
        Activation active() {
            return history.activeAt(at);
        }

        @Nullable
        Activation scheduled() {
            return history.scheduledAt(at);
        }

        ActivationHistory.State state(StoredVersion version) {
            return history.state(version.version().version(), version.discarded(), at);
        }
    }

    /**
     * @param in how long it takes to become effective
     * @param replaced what was active before; null if nothing was
     * @param restores of a rollback: the activation it goes back to
     */
    record ToActivate(VersionRef version, Document document, Duration in, @Nullable VersionRef replaced,
            @Nullable Activation restores) {
    }

    /** @param id greater than those of all before */
    record Audited(long id, VersionRef version, String action, String who, Instant at, @Nullable String reason) {
    }

    /** Of all that were ever saved. */
    Uni<Set<String>> names(SqlClient client) {
        return strings(client, "select distinct strategy from strategy_version order by strategy");
    }

    /** Of those with a version that is or will be active: once a strategy has one, it always has. */
    Uni<Set<String>> activated(SqlClient client) {
        return strings(client, "select distinct strategy from strategy_activation order by strategy");
    }

    private static Uni<Set<String>> strings(SqlClient client, String sql) {
        return client.query(sql).execute().map(rows -> {
            Set<String> strings = new LinkedHashSet<>();
            rows.forEach(row -> strings.add(row.getString(0)));
            return strings;
        });
    }

    /** One version of a strategy; null if there is none. */
    Uni<@Nullable StoredVersion> find(SqlClient client, VersionRef version) {
        return page(client, version.strategy(), version.version() + 1L, 1)
                .map(found -> found.isEmpty() || !found.get(0).version().equals(version) ? null : found.get(0));
    }

    /**
     * Versions of a strategy, the newest first.
     *
     * @param before those with a lesser number
     */
    Uni<List<StoredVersion>> page(SqlClient client, String strategy, long before, int limit) {
        return client.preparedQuery("""
                select v.strategy, v.version, v.kind, v.description, v.author, v.author_subject, v.created_at,
                    v.comment, v.discarded_at is not null as discarded, a.by, a.by_subject, a.at, a.comments
                from strategy_version v cross join lateral (
                    select array_agg(approved_by order by approved_at) as by,
                        array_agg(approved_by_subject order by approved_at) as by_subject,
                        array_agg(approved_at order by approved_at) as at,
                        array_agg(comment order by approved_at) as comments
                    from strategy_approval a where (a.strategy, a.version) = (v.strategy, v.version)
                ) a
                where v.strategy = $1 and v.version < $2
                order by v.version desc limit $3
                """).execute(Tuple.of(strategy, before, limit)).map(rows -> list(rows, StrategyVersions::saved));
    }

    /** The newest version of each strategy, by name. */
    Uni<List<StoredVersion>> newest(SqlClient client) {
        return client.query("""
                select distinct on (strategy) strategy, version, kind, description, author, author_subject, created_at,
                    comment, discarded_at is not null as discarded, null::text[] as by, null::text[] as by_subject,
                    null::timestamptz[] as at, null::text[] as comments
                from strategy_version order by strategy, discarded_at is not null, version desc
                """).execute().map(rows -> list(rows, StrategyVersions::saved));
    }

    private static StoredVersion saved(Row row) {
        var approvals = new ArrayList<Approval>();
        String[] by = row.getArrayOfStrings("by");
        for (int i = 0; by != null && i < by.length; i++) {
            approvals.add(new Approval(new Actor(row.getArrayOfStrings("by_subject")[i], by[i]),
                    row.getArrayOfOffsetDateTimes("at")[i].toInstant(),
                    row.getArrayOfStrings("comments")[i]));
        }
        return new StoredVersion(new VersionRef(row.getString("strategy"), row.getInteger("version")),
                row.getString("kind"),
                row.getString("description"), new Actor(row.getString("author_subject"), row.getString("author")),
                row.getOffsetDateTime("created_at").toInstant(), row.getString("comment"), row.getBoolean("discarded"),
                approvals);
    }

    /** As it was posted; null if there is no such version. */
    Uni<@Nullable String> document(SqlClient client, VersionRef version) {
        return client.preparedQuery("select document from strategy_version where strategy = $1 and version = $2")
                .execute(Tuple.of(version.strategy(), version.version()))
                .map(rows -> rows.size() == 0 ? null : rows.iterator().next().getString(0));
    }

    Uni<LifecycleStatus> standing(SqlClient client, String strategy) {
        return client.preparedQuery("""
                select 0, clock_timestamp(), a.activation_id, a.strategy, a.version, a.effective_at, a.restores
                from (values (1)) as one (n) left join strategy_activation a on a.strategy = $1
                """).execute(Tuple.of(strategy)).map(rows -> standings(rows).getOrDefault(strategy,
                new LifecycleStatus(new ActivationHistory(List.of()),
                        rows.iterator().next().getOffsetDateTime(1).toInstant())));
    }

    /** Of all strategies that were ever activated. */
    Uni<Map<String, LifecycleStatus>> standings(SqlClient client) {
        return client.query("""
                select 0, clock_timestamp(), activation_id, strategy, version, effective_at, restores
                from strategy_activation
                """).execute().map(StrategyVersions::standings);
    }

    private static Map<String, LifecycleStatus> standings(RowSet<Row> rows) {
        Map<String, List<Activation>> activations = new TreeMap<>();
        for (Row row : rows) {
            if (row.getLong(2) != null) {
                activations.computeIfAbsent(row.getString(3), name -> new ArrayList<>()).add(activation(row));
            }
        }
        Map<String, LifecycleStatus> standings = new TreeMap<>();
        activations.forEach((name, all) -> standings.put(name, new LifecycleStatus(new ActivationHistory(all),
                rows.iterator().next().getOffsetDateTime(1).toInstant())));
        return standings;
    }

    /** @param row its columns from the third on: id, strategy, version, effective at, restores */
    static Activation activation(Row row) {
        return new Activation(row.getLong(2), new VersionRef(row.getString(3), row.getInteger(4)),
                row.getOffsetDateTime(5).toInstant(), row.getLong(6));
    }

    /** @param deed its reason is the version's comment */
    Uni<Void> save(SqlConnection transaction, ValidatedDocument posted, int version, AuditInfo deed) {
        Document document = posted.document();
        return transaction.preparedQuery("""
                with audited as (
                    insert into strategy_audit (strategy, version, action, who, who_subject, reason)
                    values ($1, $2, 'created', $6, $8, $7)
                )
                insert into strategy_version
                    (strategy, version, kind, description, document, author, comment, author_subject)
                values ($1, $2, $3, $4, $5, $6, $7, $8)
                """)
                .execute(Tuple.tuple(Arrays.asList(document.name(), version, document.kind(),
                        document.description(), posted.text(), deed.actor().name(), deed.reason(),
                        deed.actor().subject())))
                .replaceWithVoid();
    }

    Uni<Void> approve(SqlConnection transaction, VersionRef version, AuditInfo deed) {
        return transaction.preparedQuery("""
                with audited as (
                    insert into strategy_audit (strategy, version, action, who, who_subject, reason)
                    values ($1, $2, 'approved', $3, $5, $4)
                )
                insert into strategy_approval (strategy, version, approved_by, comment, approved_by_subject)
                values ($1, $2, $3, $4, $5) on conflict (strategy, version, approved_by) do nothing
                """)
                .execute(Tuple.of(version.strategy(), version.version(), deed.actor().name(), deed.reason(),
                        deed.actor().subject()))
                .replaceWithVoid();
    }

    Uni<Void> discard(SqlConnection transaction, VersionRef version, AuditInfo deed) {
        return transaction.preparedQuery("""
                with audited as (
                    insert into strategy_audit (strategy, version, action, who, who_subject)
                    values ($1, $2, 'discarded', $3, $4)
                )
                update strategy_version set discarded_at = clock_timestamp() where strategy = $1 and version = $2
                """)
                .execute(Tuple.of(version.strategy(), version.version(), deed.actor().name(), deed.actor().subject()))
                .replaceWithVoid();
    }

    /** @return when it becomes effective. The transaction must have locked the catalog's revision. */
    Uni<Instant> activate(SqlConnection transaction, ToActivate what, AuditInfo deed) {
        VersionRef version = what.version();
        String[] offers = what.document() instanceof Strategy strategy
                ? strategy.offers().stream().map(Id::text).toArray(String[]::new)
                : new String[0];
        return transaction.preparedQuery("""
                with activation as (
                    insert into strategy_activation (strategy, version, effective_at, activated_by, reason, restores,
                        activated_by_subject)
                    values ($1, $2, clock_timestamp() + $3 * interval '1 millisecond', $4, $5, $6, $10)
                    returning effective_at
                ), released as (
                    update offer_use u set until = a.effective_at + $7 * interval '1 millisecond'
                    from activation a where u.strategy = $1 and u.version <> $2 and u.until is null
                ), used as (
                    insert into offer_use (strategy, version, offer_id)
                    select $1, $2, offer from unnest($8::text[]) as offer
                    on conflict (strategy, version, offer_id) do update set until = null
                ), audited as (
                    insert into strategy_audit (strategy, version, action, who, who_subject, reason)
                    values ($1, $2, case when $6::bigint is null then 'activated' else 'rolled-back' end, $4, $10, $5)
                ), retired as (
                    insert into strategy_audit (strategy, version, action, who, who_subject, reason)
                    select $1, $9, 'retired', $4, $10, $5 where $9::int is not null
                )
                select effective_at from activation
                """)
                .execute(Tuple.tuple(Arrays.asList(version.strategy(), version.version(), what.in().toMillis(),
                        deed.actor().name(), deed.reason(), what.restores() == null ? null : what.restores().place(),
                        LATE.toMillis(), offers, what.replaced() == null ? null : what.replaced().version(),
                        deed.actor().subject())))
                .map(rows -> rows.iterator().next().getOffsetDateTime(0).toInstant());
    }

    /**
     * What was done with a strategy, the latest first.
     *
     * @param before those with a lesser id
     */
    Uni<List<Audited>> audit(SqlClient client, String strategy, long before, int limit) {
        return client.preparedQuery("""
                select audit_id, strategy, version, action, who, happened_at, reason from strategy_audit
                where strategy = $1 and audit_id < $2 order by audit_id desc limit $3
                """).execute(Tuple.of(strategy, before, limit))
                .map(rows -> list(rows, row -> new Audited(row.getLong(0),
                        new VersionRef(row.getString(1), row.getInteger(2)), row.getString(3), row.getString(4),
                        row.getOffsetDateTime(5).toInstant(), row.getString(6))));
    }

    private static <T> List<T> list(RowSet<Row> rows, Function<Row, T> of) {
        return StreamSupport.stream(rows.spliterator(), false).map(of).toList();
    }
}
