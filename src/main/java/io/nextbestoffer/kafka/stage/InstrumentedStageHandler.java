package io.nextbestoffer.kafka.stage;

import java.time.Duration;

import io.nextbestoffer.kafka.tracing.StageTimer;
import io.nextbestoffer.kafka.tracing.StageTracer;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;

/**
 * Adds to a stage's handler what every stage needs: a timeout for each call, the worker pool for the computation, and
 * timers and spans for the steps of a batch.
 */
final class InstrumentedStageHandler implements StageHandler {

    private final StageHandler handler;
    private final String channel;
    private final StageTimer timer;
    private final StageTracer tracer;

    InstrumentedStageHandler(StageHandler handler, String channel, StageTimer timer, StageTracer tracer) {
        this.handler = handler;
        this.channel = channel;
        this.timer = timer;
        this.tracer = tracer;
    }

    @Override
    public Uni<Void> claim(Assignment assignment, Uni<Void> proof) {
        return withTimeout(handler.claim(assignment, proof));
    }

    @Override
    public Uni<Void> resume(Assignment assignment) {
        return withTimeout(handler.resume(assignment));
    }

    @Override
    public boolean hasRoom(int records, int inFlight) {
        return handler.hasRoom(records, inFlight);
    }

    @Override
    public Uni<PreparedBatch> prepare(Batch batch) {
        batch.setSpan(tracer.batch("batch " + channel, batch.size(),
                headers -> batch.forEach(record -> headers.accept(record.headers()))));
        Uni<PreparedBatch> prepared = Uni.createFrom()
                .deferred(() -> handler.prepare(batch).<PreparedBatch>map(one -> () -> store(batch, one)));
        return timer.time(batch.span(), "prepare",
                withTimeout(prepared.runSubscriptionOn(Infrastructure.getDefaultExecutor())));
    }

    private Uni<TransactionOutput> store(Batch batch, PreparedBatch prepared) {
        return timer.time(batch.span(), "store", withTimeout(prepared.store()));
    }

    @Override
    public Uni<Void> warmUp() {
        return withTimeout(handler.warmUp());
    }

    @Override
    public Duration timeout() {
        return handler.timeout();
    }

    private <T> Uni<T> withTimeout(Uni<T> step) {
        return step.ifNoItem().after(timeout()).fail();
    }
}
