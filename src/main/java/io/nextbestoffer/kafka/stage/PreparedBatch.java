package io.nextbestoffer.kafka.stage;

import io.smallrye.mutiny.Uni;

/** A batch whose results are known and not stored yet. */
@FunctionalInterface
public interface PreparedBatch {

    /**
     * Completes when everything outside Kafka is stored. By the time it is called, the batches before it are either
     * stored or have failed for good.
     */
    Uni<TransactionOutput> store();
}
