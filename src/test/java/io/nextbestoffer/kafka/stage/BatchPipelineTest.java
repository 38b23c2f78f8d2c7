package io.nextbestoffer.kafka.stage;

import static io.nextbestoffer.kafka.stage.SampleAssignments.partition;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import io.nextbestoffer.kafka.stage.ExactlyOnceStage.Prepared;
import io.nextbestoffer.kafka.tracing.BatchSpan;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;

/** Batches are named after the offset behind their last record. */
class BatchPipelineTest {

    private static final int FULL = 10;

    private final PollBuffer inbox = new PollBuffer(FULL, 1_000_000);
    private final InFlightGate flow = new InFlightGate(3);
    private final List<String> log = new ArrayList<>();
    private final Map<String, UniEmitter<? super Object>> running = new HashMap<>();
    private Assignment assignment = SampleAssignments.open(Map.of(partition(0), new OffsetAndMetadata(0)));
    private boolean room = true;
    private long offset;

    private final BatchPipeline batches = new BatchPipeline(inbox, flow, new BatchPipeline.Steps() {

        @Override
        public @Nullable Assignment assignment() {
            return assignment;
        }

        @Override
        public boolean hasRoom(int records, int inFlight) {
            return room;
        }

        @Override
        public BatchSpan begin(Batch batch) {
            return BatchSpan.OFF;
        }

        @Override
        public Uni<Prepared> prepare(Batch batch) {
            return step("prepare", name(batch.nextOffsets())).map(name -> () -> step("store", (String) name)
                    .map(done -> new TransactionOutput(List.of(), Map.of(), () -> {
                    })));
        }

        @Override
        public Uni<TransactionOutput> store(BatchSpan span, Prepared prepared) {
            return prepared.store();
        }

        @Override
        public Uni<Void> commit(BatchSpan span, Assignment of, TransactionOutput outcome,
                Map<TopicPartition, OffsetAndMetadata> next) {
            return step("commit", name(next)).replaceWithVoid();
        }

        @Override
        public void failed(BatchSpan span, Assignment of, Throwable failure) {
            log.add("failed: " + failure.getMessage());
        }
    });

    private static String name(Map<TopicPartition, OffsetAndMetadata> next) {
        return Long.toString(next.get(partition(0)).offset());
    }

    /** Goes on when {@link #ends} or {@link #fails}. */
    private Uni<Object> step(String step, String batch) {
        return Uni.createFrom().emitter(emitter -> {
            log.add(step + " " + batch);
            running.put(step + " " + batch, emitter);
        });
    }

    private void come(int records) {
        inbox.add(SamplePolls.poll(assignment, offset, records)).subscribe().with(done -> {
        });
        offset += records;
        batches.advance();
    }

    private void ends(String step) {
        running.remove(step).complete(step.substring(step.indexOf(' ') + 1));
    }

    private void fails(String step) {
        running.remove(step).fail(new IllegalStateException(step));
    }

    @Test
    void overlapsAndKeepsTheOrderOfEachStep() {
        come(FULL);
        come(FULL);
        come(FULL);
        come(FULL);
        assertThat(log).containsExactly("prepare 10");

        ends("prepare 10");
        assertThat(log).containsExactly("prepare 10", "store 10", "prepare 20");
        ends("prepare 20");
        ends("prepare 30");
        assertThat(log).as("only one is stored at a time").endsWith("prepare 20", "prepare 30");
        ends("store 10");
        assertThat(log).endsWith("commit 10", "store 20");
        ends("store 20");
        assertThat(log).as("only one is committed at a time").endsWith("commit 10", "store 20", "store 30");
        ends("commit 10");

        assertThat(log).as("the fourth begins when the first has ended").endsWith("prepare 40", "commit 20");
    }

    @Test
    void takesOnSmallBatchesOneAtATime() {
        come(1);
        come(1);
        come(2);
        ends("prepare 1");
        ends("store 1");
        assertThat(log).containsExactly("prepare 1", "store 1", "commit 1");

        ends("commit 1");

        assertThat(log).as("what came meanwhile is one batch").endsWith("prepare 4");
    }

    @Test
    void beginsAFullBatchBesideASmallOne() {
        come(1);
        come(FULL);

        ends("prepare 1");

        assertThat(log).containsExactly("prepare 1", "store 1", "prepare 11");
    }

    @Test
    void nothingOvertakesABatchThatFails() {
        come(FULL);
        come(FULL);
        come(FULL);
        ends("prepare 10");
        ends("prepare 20");
        ends("prepare 30");

        fails("store 10");

        assertThat(log).doesNotContain("store 20", "commit 20").endsWith("failed: store 10");
        assertThat(flow.enter()).as("the failed and those behind it have left").isTrue();
    }

    @Test
    void nothingOvertakesABatchWhoseCommitFails() {
        come(FULL);
        come(FULL);
        ends("prepare 10");
        ends("store 10");
        ends("prepare 20");
        ends("store 20");

        fails("commit 10");

        assertThat(log).doesNotContain("commit 20").endsWith("failed: commit 10");
    }

    @Test
    void nothingGoesOnBehindAFailureThatIsStillBeingCommitted() {
        come(FULL);
        come(FULL);
        ends("prepare 10");
        ends("store 10");
        fails("prepare 20");

        assertThat(log).endsWith("failed: prepare 20");
        ends("commit 10");

        assertThat(flow.enter()).isTrue();
        assertThat(flow.enter()).isTrue();
        assertThat(flow.enter()).isTrue();
    }

    @Test
    void tellsOfOneFailureOfAnAssignmentOnly() {
        come(FULL);
        come(FULL);
        ends("prepare 10");
        fails("store 10");
        fails("prepare 20");

        assertThat(log).containsOnlyOnce("failed: store 10").noneMatch("failed: prepare 20"::equals);
    }

    @Test
    void dropsWhatBelongsToAnAssignmentThatIsOver() {
        come(FULL);
        assignment = SampleAssignments.open(Map.of(partition(0), new OffsetAndMetadata(0)));

        ends("prepare 10");

        assertThat(log).as("nothing is stored, nothing has failed").containsExactly("prepare 10");
        come(FULL);
        assertThat(log).endsWith("prepare 20");
    }

    @Test
    void waitsForRoom() throws InterruptedException {
        room = false;
        come(1);
        assertThat(log).isEmpty();

        room = true;
        for (int i = 0; log.isEmpty() && i < 200; i++) {
            Thread.sleep(50);
        }

        assertThat(log).containsExactly("prepare 1");
    }

    @Test
    void beginsNothingOnceClosed() {
        batches.close();

        come(FULL);

        assertThat(log).isEmpty();
    }
}
