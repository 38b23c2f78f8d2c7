package io.nextbestoffer.kafka.view;

import org.apache.kafka.clients.consumer.ConsumerRecord;

import io.smallrye.mutiny.Uni;

/**
 * A view of a topic: what is derived from its committed records and stored elsewhere. Records arrive at least once, and
 * after a failure or a rebalance some arrive again, so storing must be repeatable. A {@link TopicViewUpdater} calls all
 * methods on its own thread.
 */
public interface TopicView {

    /** Gathers what the view needs from a record. It must not fail: records that can't be read are skipped. */
    void add(ConsumerRecord<byte[], byte[]> record);

    /** Whether so much is gathered that it should be stored before more records are added. */
    boolean isFull();

    /**
     * Stores everything that is gathered, and forgets what it has stored. If it fails, it is called again, with nothing
     * added meanwhile.
     */
    Uni<Void> store();
}
