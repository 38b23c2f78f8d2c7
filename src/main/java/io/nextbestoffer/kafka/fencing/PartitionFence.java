package io.nextbestoffer.kafka.fencing;

import jakarta.enterprise.context.ApplicationScoped;

import io.nextbestoffer.kafka.stage.Assignment;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;

/**
 * Who may write what comes of a partition: the latest generation of the consumer group that has claimed it. A replica
 * that lost a partition without noticing can't write to Postgres, as Kafka doesn't let it commit.
 */
@ApplicationScoped
public class PartitionFence {

    private final Pool postgres;

    PartitionFence(Pool postgres) {
        this.postgres = postgres;
    }

    /** @return whether it was had; false if a later generation holds one of the partitions */
    public Uni<Boolean> claim(Assignment assignment) {
        return claim(assignment, Integer.MAX_VALUE);
    }

    /**
     * Takes the partitions although greater generations hold them: after Kafka has forgotten a group, its generations
     * start again. {@code proof} lets Kafka accept a commit of this generation, which only the current one gets.
     */
    public Uni<Void> claimByProof(Assignment assignment, Uni<Void> proof) {
        FencingClaims claims = FencingClaims.of(assignment);
        return postgres.preparedQuery("""
                select min(generation) from partition_claim
                where (topic_id, topic_partition) in (select * from unnest($1::uuid[], $2::int[])) and generation > $3
                """)
                .execute(claims.pairs().addInteger(assignment.generation()))
                .map(rows -> rows.iterator().next().getInteger(0))
                .call(() -> proof)
                // Who took over meanwhile did so with a generation below those seen: then it is not ours any more
                .chain(seen -> claim(assignment, seen == null ? Integer.MAX_VALUE : seen))
                .chain(had -> had
                        ? Uni.createFrom().voidItem()
                        : Uni.createFrom().failure(new FencingClaims.LostException()));
    }

    private Uni<Boolean> claim(Assignment assignment, int outdated) {
        if (assignment.partitions().isEmpty()) {
            return Uni.createFrom().item(true);
        }
        FencingClaims claims = FencingClaims.of(assignment);
        return postgres.preparedQuery("""
                insert into partition_claim as held (topic_id, topic_partition, generation, token)
                select t, p, $3, $4 from unnest($1::uuid[], $2::int[]) as c (t, p) order by t, p
                on conflict (topic_id, topic_partition) do update
                set generation = excluded.generation, token = excluded.token
                where held.generation <= excluded.generation or held.generation >= $5
                """)
                .execute(claims.pairs().addInteger(assignment.generation()).addUUID(assignment.token())
                        .addInteger(outdated))
                .map(result -> result.rowCount() == claims.size());
    }

    /**
     * Holds the claims until the transaction ends; fails with {@link FencingClaims.LostException} if one is lost. That may be
     * to this replica itself: a write that hung while the stage gave up on it and started again must not come late.
     */
    public Uni<Void> hold(SqlConnection transaction, Assignment assignment) {
        FencingClaims claims = FencingClaims.of(assignment);
        return transaction.preparedQuery(FencingClaims.sql(1) + "select count(*) from held")
                .execute(claims.addTo(Tuple.tuple()))
                .invoke(rows -> claims.check(rows.iterator().next().getLong(0)))
                .replaceWithVoid();
    }
}
