package io.nextbestoffer.kafka.fencing;

import java.util.Comparator;
import java.util.List;
import java.util.UUID;

import org.apache.kafka.common.TopicPartition;

import io.nextbestoffer.kafka.stage.Assignment;
import io.vertx.mutiny.sqlclient.Tuple;

/**
 * The claims of an assignment's partitions, for the statement that holds them. It can be the one that writes what comes
 * of the partitions, too: one way to Postgres and back for a batch, rather than four.
 *
 * @param topics of the partitions, in their order
 * @param token of the assignment
 */
public record FencingClaims(List<UUID> topics, List<Integer> partitions, UUID token) {

    /**
     * Begins a statement: {@code held} has a row for each claim that was had, and keeps it until the transaction ends;
     * {@code owner} has one row if those were all.
     *
     * @param first number of the first of four parameters, which {@link #addTo} adds
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

    /** A later generation has claimed a partition. */
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

    /** Topics and partitions. */
    Tuple pairs() {
        return addPairs(Tuple.tuple());
    }

    private Tuple addPairs(Tuple parameters) {
        return parameters.addArrayOfUUID(topics.toArray(UUID[]::new))
                .addArrayOfInteger(partitions.toArray(Integer[]::new));
    }

    /** @param held rows; fails if they are not all */
    public void check(long held) {
        if (held != size()) {
            throw new LostException();
        }
    }
}
