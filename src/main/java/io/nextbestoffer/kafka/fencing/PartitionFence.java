package io.nextbestoffer.kafka.fencing;

import jakarta.enterprise.context.ApplicationScoped;

import io.nextbestoffer.kafka.stage.Assignment;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.SqlConnection;

/**
 * Fences writes to Postgres: only the latest generation of the consumer group that has claimed a partition may write
 * its results. A replica that lost a partition without noticing can't write to Postgres, just as Kafka rejects its
 * commits.
 */
@ApplicationScoped
public class PartitionFence {

    private final Pool postgres;

    PartitionFence(Pool postgres) {
        this.postgres = postgres;
    }

    /** Claims the partitions. @return false if a later generation holds one of them */
    public Uni<Boolean> claim(Assignment assignment) {
        return claim(assignment, Integer.MAX_VALUE);
    }

    /**
     * Claims the partitions even if greater generations hold them: after Kafka has forgotten a group, its generations
     * start again from the beginning.
     *
     * @param proof a commit in this generation, which Kafka accepts only from the current one
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
                // A replica that took over meanwhile keeps its claim: its generation is below the lowest outdated one
                .chain(lowest -> claim(assignment, lowest == null ? Integer.MAX_VALUE : lowest))
                .chain(claimed -> claimed
                        ? Uni.createFrom().voidItem()
                        : Uni.createFrom().failure(new FencingClaims.LostException()));
    }

    private Uni<Boolean> claim(Assignment assignment, int outdatedFrom) {
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
                        .addInteger(outdatedFrom))
                .map(result -> result.rowCount() == claims.size());
    }

    /**
     * Locks the claims until the transaction ends; fails with {@link FencingClaims.LostException} if one is lost. A
     * claim may also be lost to a later assignment of this replica: a write that hung until the stage timed out and
     * started again must not take effect late.
     */
    public Uni<Void> hold(SqlConnection transaction, Assignment assignment) {
        FencingClaims claims = FencingClaims.of(assignment);
        return transaction.preparedQuery("""
                select 1 from partition_claim
                where (topic_id, topic_partition) in (select * from unnest($1::uuid[], $2::int[])) and token = $3
                order by topic_id, topic_partition
                for share
                """)
                .execute(claims.pairs().addUUID(claims.token()))
                .chain(held -> held.rowCount() == claims.size()
                        ? Uni.createFrom().voidItem()
                        : Uni.createFrom().failure(new FencingClaims.LostException()));
    }
}
