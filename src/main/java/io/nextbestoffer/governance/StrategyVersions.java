package io.nextbestoffer.governance;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.StreamSupport;

import jakarta.enterprise.context.ApplicationScoped;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.governance.StoredVersion.StoredApproval;
import io.nextbestoffer.platform.security.Actor;
import io.nextbestoffer.strategy.Document;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.SqlClient;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;

/** Reads and writes the tables of versions and their approvals. Each change writes an audit entry. */
@ApplicationScoped
class StrategyVersions {

    /** Names of all strategies that have a version. The routing may be among them. */
    Uni<Set<String>> names(SqlClient client) {
        return strings(client, "select distinct strategy from strategy_version order by strategy");
    }

    /** One version of a strategy; null if it does not exist. */
    Uni<@Nullable StoredVersion> find(SqlClient client, VersionRef version) {
        return page(client, version.strategy(), version.version() + 1L, 1)
                .map(found -> found.isEmpty() || !found.get(0).version().equals(version) ? null : found.get(0));
    }

    /**
     * Versions of a strategy, the newest first.
     *
     * @param before only versions with a lower number
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
                """).execute(Tuple.of(strategy, before, limit)).map(StrategyVersions::storedVersions);
    }

    /**
     * The newest version of each strategy, by name. A discarded version is returned only if all versions are discarded.
     */
    Uni<List<StoredVersion>> newest(SqlClient client) {
        return client.query("""
                select distinct on (strategy) strategy, version, kind, description, author, author_subject, created_at,
                    comment, discarded_at is not null as discarded, null::text[] as by, null::text[] as by_subject,
                    null::timestamptz[] as at, null::text[] as comments
                from strategy_version order by strategy, discarded_at is not null, version desc
                """).execute().map(StrategyVersions::storedVersions);
    }

    private static List<StoredVersion> storedVersions(RowSet<Row> rows) {
        return StreamSupport.stream(rows.spliterator(), false).map(StrategyVersions::storedVersion).toList();
    }

    private static StoredVersion storedVersion(Row row) {
        return new StoredVersion(new VersionRef(row.getString("strategy"), row.getInteger("version")),
                row.getString("kind"), row.getString("description"),
                new Actor(row.getString("author_subject"), row.getString("author")),
                row.getOffsetDateTime("created_at").toInstant(), row.getString("comment"), row.getBoolean("discarded"),
                approvals(row));
    }

    private static List<StoredApproval> approvals(Row row) {
        String[] names = row.getArrayOfStrings("by");
        var approvals = new ArrayList<StoredApproval>();
        for (int i = 0; names != null && i < names.length; i++) {
            approvals.add(new StoredApproval(new Actor(row.getArrayOfStrings("by_subject")[i], names[i]),
                    row.getArrayOfOffsetDateTimes("at")[i].toInstant(), row.getArrayOfStrings("comments")[i]));
        }
        return approvals;
    }

    /** The document of a version, exactly as it was posted; null if the version does not exist. */
    Uni<@Nullable String> document(SqlClient client, VersionRef version) {
        return client.preparedQuery("select document from strategy_version where strategy = $1 and version = $2")
                .execute(Tuple.of(version.strategy(), version.version()))
                .map(rows -> rows.size() == 0 ? null : rows.iterator().next().getString("document"));
    }

    /** @param audit its reason is stored as the comment of the version */
    Uni<Void> save(SqlConnection transaction, ValidatedDocument validated, int version, AuditInfo audit) {
        Document document = validated.document();
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
                        document.description(), validated.text(), audit.actor().name(), audit.reason(),
                        audit.actor().subject())))
                .replaceWithVoid();
    }

    Uni<Void> approve(SqlConnection transaction, VersionRef version, AuditInfo audit) {
        return transaction.preparedQuery("""
                with audited as (
                    insert into strategy_audit (strategy, version, action, who, who_subject, reason)
                    values ($1, $2, 'approved', $3, $5, $4)
                )
                insert into strategy_approval (strategy, version, approved_by, comment, approved_by_subject)
                values ($1, $2, $3, $4, $5) on conflict (strategy, version, approved_by) do nothing
                """)
                .execute(Tuple.of(version.strategy(), version.version(), audit.actor().name(), audit.reason(),
                        audit.actor().subject()))
                .replaceWithVoid();
    }

    Uni<Void> discard(SqlConnection transaction, VersionRef version, AuditInfo audit) {
        return transaction.preparedQuery("""
                with audited as (
                    insert into strategy_audit (strategy, version, action, who, who_subject)
                    values ($1, $2, 'discarded', $3, $4)
                )
                update strategy_version set discarded_at = clock_timestamp() where strategy = $1 and version = $2
                """)
                .execute(Tuple.of(version.strategy(), version.version(), audit.actor().name(),
                        audit.actor().subject()))
                .replaceWithVoid();
    }

    static Uni<Set<String>> strings(SqlClient client, String sql) {
        return client.query(sql).execute().map(rows -> {
            Set<String> strings = new LinkedHashSet<>();
            rows.forEach(row -> strings.add(row.getString(0)));
            return strings;
        });
    }
}
