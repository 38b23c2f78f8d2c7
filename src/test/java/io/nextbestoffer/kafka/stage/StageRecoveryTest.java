package io.nextbestoffer.kafka.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

import org.apache.kafka.common.errors.RecordTooLargeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import io.nextbestoffer.kafka.tracing.BatchSpan;
import io.smallrye.mutiny.Uni;

@Timeout(20)
class StageRecoveryTest {

    private final DeadLetters deadLetters = new DeadLetters("-dead-letter");
    private final AtomicInteger rewinds = new AtomicInteger();
    private int failingRewinds;

    private final StageRecovery recovery = new StageRecovery("activities", new InFlightGate(3), deadLetters,
            () -> rewinds.incrementAndGet() <= failingRewinds
                    ? Uni.createFrom().failure(new IllegalStateException("Kafka is down"))
                    : Uni.createFrom().voidItem());

    private CompletableFuture<Void> recoverFromBatch(Throwable failure) {
        return recovery.recoverFromBatch(BatchSpan.OFF, failure).subscribeAsCompletionStage();
    }

    @Test
    void rewindsAfterAFailureToOpenAnAssignment() {
        recovery.recoverFromOpening(new IllegalStateException("Postgres is down")).await()
                .atMost(Duration.ofSeconds(5));

        assertThat(rewinds).hasValue(1);
        assertThat(recovery.obstacle()).isNull();
    }

    @Test
    void reportsABatchFailureUntilABatchIsCommitted() {
        recoverFromBatch(new IllegalStateException()).join();

        assertThat(rewinds).hasValue(1);
        assertThat(recovery.obstacle()).isEqualTo("IllegalStateException");
        recovery.committed();
        assertThat(recovery.obstacle()).isNull();
    }

    @Test
    void rewindsUntilItSucceeds() {
        failingRewinds = 2;

        recovery.recoverFromOpening(new IllegalStateException()).await().atMost(Duration.ofSeconds(10));

        assertThat(rewinds).hasValue(3);
    }

    @Test
    void doublesThePauseWithEachFailedBatch() {
        long start = System.nanoTime();
        recoverFromBatch(new IllegalStateException()).join();
        recoverFromBatch(new IllegalStateException()).join();
        recoverFromBatch(new IllegalStateException()).join();

        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(Duration.ofMillis(700));
    }

    @Test
    void shrinksRecordsThatKafkaRefusesForTheirSize() {
        int limit = deadLetters.limit();

        recoverFromBatch(new IllegalStateException(new RecordTooLargeException())).join();

        assertThat(deadLetters.limit()).isEqualTo(limit / 2);
    }

    @Test
    void stopsRewindingWhenClosed() {
        failingRewinds = Integer.MAX_VALUE;
        var recovered = recoverFromBatch(new IllegalStateException());
        await().until(() -> rewinds.get() > 1);

        recovery.close();

        assertThat(recovered).succeedsWithin(Duration.ofSeconds(10));
    }
}
