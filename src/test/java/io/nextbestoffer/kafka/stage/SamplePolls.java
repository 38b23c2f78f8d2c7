package io.nextbestoffer.kafka.stage;

import static io.nextbestoffer.kafka.stage.SampleAssignments.TOPIC;
import static io.nextbestoffer.kafka.stage.SampleAssignments.partition;

import java.util.ArrayList;
import java.util.Map;
import java.util.Optional;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;

/** Polls of partition 0. */
final class SamplePolls {

    static final int KEY = 2;
    static final int VALUE = 8;

    private SamplePolls() {
    }

    static PolledRecords poll(Assignment polledUnder, long offset, int records) {
        var list = new ArrayList<ConsumerRecord<byte[], byte[]>>();
        for (int i = 0; i < records; i++) {
            list.add(new ConsumerRecord<>(TOPIC, 0, offset + i, 0, TimestampType.CREATE_TIME, KEY, VALUE,
                    new byte[KEY], new byte[VALUE], new RecordHeaders(), Optional.empty()));
        }
        return PolledRecords.of(new ConsumerRecords<>(Map.of(partition(0), list),
                Map.of(partition(0), new OffsetAndMetadata(offset + records))), polledUnder);
    }
}
