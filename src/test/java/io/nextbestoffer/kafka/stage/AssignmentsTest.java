package io.nextbestoffer.kafka.stage;

import static io.nextbestoffer.kafka.stage.SampleAssignments.TOPIC;
import static io.nextbestoffer.kafka.stage.SampleAssignments.TOPIC_ID;
import static io.nextbestoffer.kafka.stage.SampleAssignments.partition;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import io.nextbestoffer.kafka.topic.RecordPosition;

class AssignmentsTest {

    private static final TopicPartition ZERO = partition(0);
    private static final TopicPartition ONE = partition(1);

    private final MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("earliest");
    private final Assignments assignments = new Assignments();
    private final Assignments.Stamp stamp = new Assignments.Stamp();

    @BeforeEach
    void assign() {
        stamp.configure(Map.of(Assignments.CONFIG_KEY, assignments));
        consumer.subscribe(Set.of(TOPIC));
        consumer.rebalance(List.of(ZERO, ONE));
        consumer.updateBeginningOffsets(Map.of(ZERO, 0L, ONE, 3L));
        assignments.onPartitionsAssigned(consumer, List.of(ZERO, ONE));
    }

    private ConsumerRecords<byte[], byte[]> poll() {
        return stamp.onConsume(consumer.poll(Duration.ZERO));
    }

    private void add(TopicPartition partition, long offset) {
        consumer.addRecord(new ConsumerRecord<>(TOPIC, partition.partition(), offset, null, new byte[0]));
    }

    private boolean isCurrent(ConsumerRecords<byte[], byte[]> records) {
        return ((PolledRecords) records).assignment() == assignments.current();
    }

    @Test
    void stampsPolls() {
        add(ZERO, 0);
        add(ONE, 3);

        var records = poll();

        assertThat(isCurrent(records)).isTrue();
        assertThat(((PolledRecords) records).size()).isEqualTo(2);
        assertThat(records.records(ONE)).singleElement().extracting(ConsumerRecord::offset).isEqualTo(3L);
        assertThat(records.nextOffsets().get(ONE).offset()).isEqualTo(4);
        assertThat(assignments.current().partitions()).containsExactlyInAnyOrder(ZERO, ONE);
    }

    /** The connector would create a message for each record, which would cost more than the decision on the record. */
    @Test
    void showsTheConnectorOnlyTheLastRecordOfAPartition() {
        add(ZERO, 0);
        add(ZERO, 1);
        add(ZERO, 2);

        var records = (PolledRecords) poll();

        var polled = new ArrayList<Long>();
        records.forEachPolled(record -> polled.add(record.offset()));
        assertThat(records.records(ZERO)).singleElement().extracting(ConsumerRecord::offset).isEqualTo(2L);
        assertThat(records.count()).isEqualTo(1);
        assertThat(records.size()).isEqualTo(3);
        assertThat(polled).containsExactly(0L, 1L, 2L);
    }

    @Test
    void doesNotStampAnEmptyPoll() {
        assertThat(poll()).isNotInstanceOf(PolledRecords.class);
    }

    @Test
    void doesNotStampPollsOfAChannelThatIsNotTracked() {
        var other = new Assignments.Stamp();
        other.configure(Map.of());
        add(ZERO, 0);

        assertThat(other.onConsume(consumer.poll(Duration.ZERO))).isNotInstanceOf(PolledRecords.class);
    }

    @Test
    void rewindMakesEarlierPollsStale() {
        add(ZERO, 0);
        var early = poll();

        assignments.rewind(consumer);
        add(ZERO, 0);
        var late = poll();

        assertThat(isCurrent(early)).isFalse();
        assertThat(isCurrent(late)).isTrue();
        assertThat(assignments.current().partitions()).containsExactlyInAnyOrder(ZERO, ONE);
        assertThat(assignments.current().isOpen()).isFalse();
    }

    @Test
    void rewindsToCommittedOffsetsOrToTheBeginning() {
        consumer.commitSync(Map.of(ZERO, new OffsetAndMetadata(5, "released=1")));
        consumer.seek(ZERO, 9);
        consumer.seek(ONE, 9);

        assignments.rewind(consumer);

        assertThat(consumer.position(ZERO)).isEqualTo(5);
        assertThat(consumer.position(ONE)).isEqualTo(3);
    }

    @Test
    void rebalanceMakesEarlierPollsStale() {
        add(ZERO, 0);
        var early = poll();

        assignments.onPartitionsRevoked(consumer, List.of(ZERO, ONE));

        assertThat(assignments.current()).isNull();
        add(ZERO, 1);
        assertThat(poll()).isNotInstanceOf(PolledRecords.class);
        assignments.onPartitionsAssigned(consumer, List.of(ZERO));
        assertThat(isCurrent(early)).isFalse();
    }

    @Test
    void rewindBetweenRebalancesRestoresNoAssignment() {
        assignments.onPartitionsRevoked(consumer, List.of(ZERO, ONE));

        assignments.rewind(consumer);

        assertThat(assignments.current()).isNull();
    }

    @Test
    void returnsCommittedOffsetsOnceOpen() {
        var offsets = new HashMap<TopicPartition, OffsetAndMetadata>();
        offsets.put(ZERO, new OffsetAndMetadata(5, "released=1"));
        offsets.put(ONE, null);
        Assignment assignment = SampleAssignments.open(offsets);

        assignment.addCommitted(Map.of(ONE, new OffsetAndMetadata(6)));

        assertThat(assignment.isOpen()).isTrue();
        assertThat(assignment.committed()).containsOnlyKeys(ZERO, ONE);
        assertThat(assignment.topicId(TOPIC)).isEqualTo(TOPIC_ID);
        assertThat(assignment.generation()).isEqualTo(7);
        assertThat(assignment.renewed().isOpen()).isFalse();
        assertThat(assignment.renewed().committed()).isEmpty();
        assertThatThrownBy(() -> assignment.topicId("other")).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void batchReturnsPositionsPartitionByPartition() {
        add(ONE, 3);
        add(ZERO, 0);
        add(ONE, 4);
        assignments.current().setTopicIds(Map.of(TOPIC, TOPIC_ID));
        var batch = new Batch(List.of((PolledRecords) poll()));

        var positions = new ArrayList<RecordPosition>();
        batch.forEach(record -> positions.add(batch.position(record)));

        assertThat(batch.size()).isEqualTo(3);
        assertThat(positions)
                .containsSubsequence(new RecordPosition(TOPIC_ID, 1, 3), new RecordPosition(TOPIC_ID, 1, 4))
                .contains(new RecordPosition(TOPIC_ID, 0, 0)).hasSize(3);
    }
}
