package io.nextbestoffer.kafka.stage;

import static io.nextbestoffer.kafka.stage.SampleAssignments.partition;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;

/** Tests the order of the steps of batches. The log names a batch by the offset after its last record. */
class BatchPipelineTest {

    private static final int FULL = 10;

    private final PollBuffer buffer = new PollBuffer(FULL, 1_000_000);
    private final Assignments assignments = new Assignments();
    private final InFlightGate gate = assignments.gate();
    private final List<String> log = new ArrayList<>();
    private final Map<String, UniEmitter<? super Object>> running = new HashMap<>();
    private boolean room = true;
    private long offset;

    private final StageHandler handler = new StageHandler() {

        @Override
        public boolean hasRoom(int records, int inFlight) {
            return room;
        }

        @Override
        public Uni<PreparedBatch> prepare(Batch batch) {
            return step("prepare", batch).map(done -> () -> step("store", batch)
                    .map(stored -> new TransactionOutput(List.of(), Map.of(), () -> {
                    })));
        }
    };

    private final BatchPipeline pipeline = new BatchPipeline(buffer, assignments, handler,
            (batch, output) -> step("commit", batch).replaceWithVoid(),
            (span, failure) -> log.add("failed: " + failure.getMessage()));

    @BeforeEach
    void assign() {
        assignments.replace(SampleAssignments.open(Map.of(partition(0), new OffsetAndMetadata(0))));
    }

    /** Completes on {@link #complete} or {@link #fail}. */
    private Uni<Object> step(String name, Batch batch) {
        String step = name + " " + batch.nextOffsets().get(partition(0)).offset();
        return Uni.createFrom().emitter(emitter -> {
            log.add(step);
            running.put(step, emitter);
        });
    }

    private void poll(int records) {
        buffer.add(SamplePolls.poll(assignments.current(), offset, records)).subscribe().with(done -> {
        });
        offset += records;
        pipeline.advance();
    }

    private void complete(String step) {
        running.remove(step).complete(step);
    }

    private void fail(String step) {
        running.remove(step).fail(new IllegalStateException(step));
    }

    @Test
    void overlapsBatchesAndKeepsTheOrderOfEachStep() {
        poll(FULL);
        poll(FULL);
        poll(FULL);
        poll(FULL);
        assertThat(log).containsExactly("prepare 10");

        complete("prepare 10");
        assertThat(log).containsExactly("prepare 10", "store 10", "prepare 20");
        complete("prepare 20");
        complete("prepare 30");
        assertThat(log).as("one batch is stored at a time").endsWith("prepare 20", "prepare 30");
        complete("store 10");
        assertThat(log).endsWith("commit 10", "store 20");
        complete("store 20");
        assertThat(log).as("one batch is committed at a time").endsWith("commit 10", "store 20", "store 30");
        complete("commit 10");

        assertThat(log).as("the fourth begins when the first has ended").endsWith("prepare 40", "commit 20");
    }

    @Test
    void beginsSmallBatchesOneAtATime() {
        poll(1);
        poll(1);
        poll(2);
        complete("prepare 1");
        complete("store 1");
        assertThat(log).containsExactly("prepare 1", "store 1", "commit 1");

        complete("commit 1");

        assertThat(log).as("polls that arrived meanwhile form one batch").endsWith("prepare 4");
    }

    @Test
    void beginsAFullBatchBesideASmallOne() {
        poll(1);
        poll(FULL);

        complete("prepare 1");

        assertThat(log).containsExactly("prepare 1", "store 1", "prepare 11");
    }

    @Test
    void dropsBatchesBehindAFailedOne() {
        poll(FULL);
        poll(FULL);
        poll(FULL);
        complete("prepare 10");
        complete("prepare 20");
        complete("prepare 30");

        fail("store 10");

        assertThat(log).doesNotContain("store 20", "commit 20").endsWith("failed: store 10");
        assertThat(gate.enter()).as("the failed batch and those behind it have left").isTrue();
    }

    @Test
    void commitsNoBatchBehindAFailedCommit() {
        poll(FULL);
        poll(FULL);
        complete("prepare 10");
        complete("store 10");
        complete("prepare 20");
        complete("store 20");

        fail("commit 10");

        assertThat(log).doesNotContain("commit 20").endsWith("failed: commit 10");
    }

    @Test
    void completesABatchInFlightWhenALaterOneFails() {
        poll(FULL);
        poll(FULL);
        complete("prepare 10");
        complete("store 10");
        fail("prepare 20");

        assertThat(log).endsWith("failed: prepare 20");
        complete("commit 10");

        assertThat(gate.enter()).isTrue();
        assertThat(gate.enter()).isTrue();
        assertThat(gate.enter()).isTrue();
    }

    @Test
    void reportsOnlyTheFirstFailureOfAnAssignment() {
        poll(FULL);
        poll(FULL);
        complete("prepare 10");
        fail("store 10");
        fail("prepare 20");

        assertThat(log).containsOnlyOnce("failed: store 10").noneMatch("failed: prepare 20"::equals);
    }

    @Test
    void dropsBatchesOfAnAssignmentThatIsOver() {
        poll(FULL);
        assign();

        complete("prepare 10");

        assertThat(log).as("nothing is stored, and nothing failed").containsExactly("prepare 10");
        poll(FULL);
        assertThat(log).endsWith("prepare 20");
    }

    @Test
    void waitsForRoom() throws InterruptedException {
        room = false;
        poll(1);
        assertThat(log).isEmpty();

        room = true;
        for (int i = 0; log.isEmpty() && i < 200; i++) {
            Thread.sleep(50);
        }

        assertThat(log).containsExactly("prepare 1");
    }

    @Test
    void beginsNothingWhenClosed() {
        pipeline.close();

        poll(FULL);

        assertThat(log).isEmpty();
    }

    @Test
    void releasesRecordsOfAPreparedBatch() {
        var batches = new ArrayList<Batch>();
        var recording = new BatchPipeline(buffer, assignments, batch -> {
            batches.add(batch);
            return step("prepare", batch).map(done -> () -> step("store", batch).map(stored -> null));
        }, (batch, output) -> Uni.createFrom().voidItem(), (span, failure) -> {
        });
        buffer.add(SamplePolls.poll(assignments.current(), 0, FULL)).subscribe().with(done -> {
        });
        recording.advance();
        Batch batch = batches.get(0);
        assertThat(records(batch)).isEqualTo(FULL);

        complete("prepare 10");

        assertThat(records(batch)).isZero();
        assertThat(batch.size()).isEqualTo(FULL);
        assertThat(log).endsWith("store 10");
    }

    private static int records(Batch batch) {
        var count = new AtomicInteger();
        batch.forEach(record -> count.incrementAndGet());
        return count.get();
    }
}
