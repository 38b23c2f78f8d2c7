package io.nextbestoffer.governance;

import java.util.List;
import java.util.stream.StreamSupport;

import jakarta.enterprise.context.ApplicationScoped;

import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.SqlClient;
import io.vertx.mutiny.sqlclient.Tuple;

/** Reads the audit trail of strategies. The statements that change strategies write it. */
@ApplicationScoped
class StrategyAudit {

    /**
     * Audit entries of a strategy, the newest first.
     *
     * @param before only entries with a lower id
     */
    Uni<List<AuditEntry>> page(SqlClient client, String strategy, long before, int limit) {
        return client.preparedQuery("""
                select audit_id, strategy, version, action, who, happened_at, reason from strategy_audit
                where strategy = $1 and audit_id < $2 order by audit_id desc limit $3
                """).execute(Tuple.of(strategy, before, limit))
                .map(rows -> StreamSupport.stream(rows.spliterator(), false).map(StrategyAudit::entry).toList());
    }

    private static AuditEntry entry(Row row) {
        return new AuditEntry(row.getLong("audit_id"), new VersionRef(row.getString("strategy"),
                row.getInteger("version")), row.getString("action"), row.getString("who"),
                row.getOffsetDateTime("happened_at").toInstant(), row.getString("reason"));
    }
}
