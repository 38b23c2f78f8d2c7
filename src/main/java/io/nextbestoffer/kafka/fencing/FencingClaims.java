package io.nextbestoffer.kafka.fencing;

import java.util.Comparator;
import java.util.List;
import java.util.UUID;

import org.apache.kafka.common.TopicPartition;

import io.nextbestoffer.kafka.stage.Assignment;
import io.vertx.mutiny.sqlclient.Tuple;

/**
 * The claims of an assignment's partitions, as parameters of the statement that locks them. The same statement can
 * write the results of a batch, which then needs one round trip to Postgres rather than four.
 *
 * @param topics ids of the topics of the partitions, in the same order
 * @param token fencing token of the assignment
 */
public record FencingClaims(List<UUID> topics, List<Integer> partitions, UUID token) {

    /**
     * Returns the beginning of a statement, which defines two tables. {@code held} has one row per claim that this
     * assignment still has, locked until the transaction ends; {@code owner} has a row if no claim is lost.
     *
     * @param first number of the first of the four parameters that {@link #addTo} adds
     */
    public static String sql(int first) {
        return """
                with held as (
                    select 1 from partition_claim
                    where (topic_id, topic_partition) in (select * from unnest($%d::uuid[], $%d::int[]))
                        and token = $%d
                    order by topic_id, topic_partition
                    for share
                ), owner as (select 1 where (select count(*) from held) = $%d)
                """.formatted(first, first + 1, first + 2, first + 3);
    }

    /** The claim of a partition is lost to another assignment. */
    static final class LostException extends RuntimeException {

        private static final long serialVersionUID = 1;

        LostException() {
            super("a later generation of the group has claimed a partition", null, false, false);
        }
    }

    public Tuple addTo(Tuple parameters) {
        return addPairs(parameters).addUUID(token).addLong((long) size());
    }

    public static FencingClaims of(Assignment assignment) {
        List<TopicPartition> sorted = assignment.partitions().stream()
                .sorted(Comparator.comparing(TopicPartition::topic).thenComparing(TopicPartition::partition)).toList();
        return new FencingClaims(sorted.stream().map(partition -> assignment.topicId(partition.topic())).toList(),
                sorted.stream().map(TopicPartition::partition).toList(), assignment.token());
    }

    int size() {
        return partitions.size();
    }

    /** Returns topics and partitions as parameters. */
    Tuple pairs() {
        return addPairs(Tuple.tuple());
    }

    private Tuple addPairs(Tuple parameters) {
        return parameters.addArrayOfUUID(topics.toArray(UUID[]::new))
                .addArrayOfInteger(partitions.toArray(Integer[]::new));
    }

    /** Fails if a claim is lost. @param held number of rows of {@code held} */
    public void check(long held) {
        if (held != size()) {
            throw new LostException();
        }
    }
}
