package io.nextbestoffer.kafka.stage;

import java.util.List;
import java.util.Map;

import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * The output of a batch or a step, committed in one transaction with the offsets of its input.
 *
 * @param records the records to send
 * @param metadata the metadata to commit with the offsets; a partition without an entry keeps its current metadata
 * @param committed runs when the transaction is committed, before the next step
 */
public record TransactionOutput(List<ProducerRecord<byte[], byte[]>> records, Map<TopicPartition, String> metadata,
        Runnable committed) {
}
