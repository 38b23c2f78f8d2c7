package io.nextbestoffer.governance;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

import jakarta.enterprise.context.ApplicationScoped;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.attribute.Id;
import io.nextbestoffer.strategy.Document;
import io.nextbestoffer.strategy.Strategy;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.SqlClient;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;

/** Reads and appends to the table of activations. */
@ApplicationScoped
class StrategyActivations {

    /**
     * Offers of a replaced version stay protected for this long after its replacement: a replica lags behind the clock
     * of the database by at most the duration of a poll.
     */
    private static final Duration MAX_CLOCK_LAG = Duration.ofSeconds(1);

    /**
     * @param delay from the activation until it takes effect
     * @param replaced the version that was active before; null if none was
     * @param restores the activation that a rollback returns to; null if this is no rollback
     */
    record NewActivation(VersionRef version, Document document, Duration delay, @Nullable VersionRef replaced,
            @Nullable Activation restores) {
    }

    /** Names of the strategies with an active or scheduled version. The routing may be among them. */
    Uni<Set<String>> names(SqlClient client) {
        return StrategyVersions.strings(client, "select distinct strategy from strategy_activation order by strategy");
    }

    /** The status of a strategy; without activations if it was never activated. */
    Uni<LifecycleStatus> status(SqlClient client, String strategy) {
        return client.preparedQuery("""
                select clock_timestamp() as read_at, a.activation_id, a.strategy, a.version, a.effective_at, a.restores
                from (values (1)) as one (n) left join strategy_activation a on a.strategy = $1
                """).execute(Tuple.of(strategy)).map(rows -> statuses(rows).getOrDefault(strategy,
                new LifecycleStatus(new ActivationHistory(List.of()), readAt(rows))));
    }

    /** The statuses of all strategies that were ever activated, by name. */
    Uni<Map<String, LifecycleStatus>> statuses(SqlClient client) {
        return client.query("""
                select clock_timestamp() as read_at, activation_id, strategy, version, effective_at, restores
                from strategy_activation
                """).execute().map(StrategyActivations::statuses);
    }

    private static Map<String, LifecycleStatus> statuses(RowSet<Row> rows) {
        Map<String, List<Activation>> activations = new TreeMap<>();
        for (Activation activation : activations(rows)) {
            activations.computeIfAbsent(activation.version().strategy(), name -> new ArrayList<>()).add(activation);
        }
        Map<String, LifecycleStatus> statuses = new TreeMap<>();
        activations.forEach((strategy, all) -> statuses.put(strategy,
                new LifecycleStatus(new ActivationHistory(all), readAt(rows))));
        return statuses;
    }

    private static Instant readAt(RowSet<Row> rows) {
        return rows.iterator().next().getOffsetDateTime("read_at").toInstant();
    }

    /** Maps rows with the columns of an activation. Rows of an outer join without an activation are skipped. */
    static List<Activation> activations(RowSet<Row> rows) {
        List<Activation> activations = new ArrayList<>();
        for (Row row : rows) {
            if (row.getLong("activation_id") != null) {
                activations.add(new Activation(row.getLong("activation_id"),
                        new VersionRef(row.getString("strategy"), row.getInteger("version")),
                        row.getOffsetDateTime("effective_at").toInstant(), row.getLong("restores")));
            }
        }
        return activations;
    }

    /**
     * Activates a version and writes the audit entries.
     *
     * @param transaction must have locked the catalog's revision
     * @return when the activation takes effect
     */
    Uni<Instant> activate(SqlConnection transaction, NewActivation activation, AuditInfo audit) {
        VersionRef version = activation.version();
        String[] offers = activation.document() instanceof Strategy strategy
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
                .execute(Tuple.tuple(Arrays.asList(version.strategy(), version.version(), activation.delay().toMillis(),
                        audit.actor().name(), audit.reason(),
                        activation.restores() == null ? null : activation.restores().position(),
                        MAX_CLOCK_LAG.toMillis(), offers,
                        activation.replaced() == null ? null : activation.replaced().version(),
                        audit.actor().subject())))
                .map(rows -> rows.iterator().next().getOffsetDateTime("effective_at").toInstant());
    }
}
