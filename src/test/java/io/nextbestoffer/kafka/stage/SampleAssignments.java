package io.nextbestoffer.kafka.stage;

import java.util.Map;
import java.util.Optional;
import java.util.UUID;

import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/** Assignments without a consumer, for tests of other packages as well. */
public final class SampleAssignments {

    public static final String TOPIC = "customer-activity";
    public static final UUID TOPIC_ID = UUID.fromString("6ba7b810-9dad-11d1-80b4-00c04fd430c8");

    private SampleAssignments() {
    }

    public static TopicPartition partition(int number) {
        return new TopicPartition(TOPIC, number);
    }

    /** @param committed offsets by partition; null for a partition that was never committed */
    public static Assignment open(Map<TopicPartition, OffsetAndMetadata> committed) {
        var assignment = new Assignment(committed.keySet(),
                new ConsumerGroupMetadata("group", 7, "member", Optional.empty()));
        assignment.setTopicIds(Map.of(TOPIC, TOPIC_ID));
        assignment.open(committed);
        return assignment;
    }
}
