package io.nextbestoffer.kafka.stage;

import java.util.List;
import java.util.Map;

import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * What has to go out in one transaction.
 *
 * @param records to send
 * @param metadata of the offsets to commit, by partition; a partition that is not named keeps what it has
 * @param committed runs when the transaction is committed, before the next step
 */
public record TransactionOutput(List<ProducerRecord<byte[], byte[]>> records, Map<TopicPartition, String> metadata,
        Runnable committed) {
}
