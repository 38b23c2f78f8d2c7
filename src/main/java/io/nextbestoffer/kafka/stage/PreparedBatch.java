package io.nextbestoffer.kafka.stage;

import io.smallrye.mutiny.Uni;

/** A batch whose results are known and not stored yet. */
@FunctionalInterface
public interface PreparedBatch {

    /**
     * Completes when everything outside Kafka is stored. When this method is called, the batches before this one are
     * stored or have failed for good.
     */
    Uni<TransactionOutput> store();
}
