package io.nextbestoffer.kafka.stage;

import static io.nextbestoffer.kafka.stage.SampleAssignments.partition;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

import org.junit.jupiter.api.Test;

class PollBufferTest {

    private final PollBuffer buffer = new PollBuffer(10, 200);
    private final Assignment assignment = SampleAssignments.open(Map.of());
    private final Assignment older = SampleAssignments.open(Map.of());
    private long next;

    private PolledRecords poll(Assignment polledUnder, int records) {
        next += records;
        return SamplePolls.poll(polledUnder, next - records, records);
    }

    private CompletableFuture<Void> add(int records) {
        return buffer.add(poll(assignment, records)).subscribeAsCompletionStage().toCompletableFuture();
    }

    private static List<Long> offsets(Batch batch) {
        var offsets = new ArrayList<Long>();
        batch.forEach(record -> offsets.add(record.offset()));
        return offsets;
    }

    @Test
    void isEmptyAtFirst() {
        assertThat(buffer.nextSize()).isZero();
        assertThat(buffer.take(assignment)).isNull();
    }

    @Test
    void gathersPollsIntoOneBatch() {
        add(3);
        add(4);

        Batch batch = buffer.take(assignment);

        assertThat(batch.size()).isEqualTo(7);
        assertThat(offsets(batch)).containsExactly(0L, 1L, 2L, 3L, 4L, 5L, 6L);
        assertThat(batch.nextOffsets().get(partition(0)).offset()).isEqualTo(7);
        assertThat(buffer.take(assignment)).isNull();
    }

    @Test
    void leavesPollsThatDoNotFitForTheNextBatch() {
        add(6);
        add(6);

        assertThat(offsets(buffer.take(assignment))).hasSize(6);
        assertThat(offsets(buffer.take(assignment))).startsWith(6L).hasSize(6);
    }

    @Test
    void limitsTheBytesOfABatch() {
        var small = new PollBuffer(1000, 35);
        small.add(poll(assignment, 3)).await().indefinitely();
        var second = small.add(poll(assignment, 3)).subscribeAsCompletionStage();

        assertThat(second).isNotCompleted();
        assertThat(offsets(small.take(assignment))).hasSize(3);
        assertThat(second).isCompleted();
    }

    @Test
    void takesALargePollWhole() {
        add(25);

        assertThat(buffer.nextSize()).isEqualTo(10);
        assertThat(buffer.take(assignment).size()).isEqualTo(25);
    }

    @Test
    void makesTheSenderWaitForRoom() {
        assertThat(add(9)).isCompleted();
        var full = add(1);
        assertThat(full).isNotCompleted();

        buffer.take(assignment);

        assertThat(full).isCompleted();
    }

    @Test
    void dropsPollsOfAnotherAssignment() {
        buffer.add(poll(older, 4)).await().indefinitely();
        add(2);

        assertThat(offsets(buffer.take(assignment))).containsExactly(4L, 5L);
        assertThat(buffer.nextSize()).isZero();
    }

    @Test
    void dropsAllPollsWithoutAssignment() {
        var full = add(12);

        assertThat(buffer.take(null)).isNull();
        assertThat(full).isCompleted();
        assertThat(buffer.nextSize()).isZero();
    }
}
