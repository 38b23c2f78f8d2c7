package io.nextbestoffer.kafka.fencing;

import java.util.Comparator;
import java.util.List;
import java.util.UUID;

import org.apache.kafka.common.TopicPartition;

import io.nextbestoffer.kafka.stage.Assignment;
import io.vertx.mutiny.sqlclient.Tuple;

/**
 * The claims of an assignment's partitions, as parameters of statements.
 *
 * @param topics ids of the topics of the partitions, in the same order
 * @param token fencing token of the assignment
 */
record FencingClaims(List<UUID> topics, List<Integer> partitions, UUID token) {

    /** The claim of a partition is lost to another assignment. */
    static final class LostException extends RuntimeException {

        private static final long serialVersionUID = 1;

        LostException() {
            super("a later generation of the group has claimed a partition", null, false, false);
        }
    }

    static FencingClaims of(Assignment assignment) {
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
        return Tuple.tuple().addArrayOfUUID(topics.toArray(UUID[]::new))
                .addArrayOfInteger(partitions.toArray(Integer[]::new));
    }
}
