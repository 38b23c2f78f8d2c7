package io.nextbestoffer.maintenance;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import jakarta.enterprise.context.ApplicationScoped;

import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

import io.nextbestoffer.job.JobProgress;
import io.nextbestoffer.job.JobTask;
import io.nextbestoffer.kafka.stage.DeadLetters;
import io.nextbestoffer.kafka.stage.KafkaStages;
import io.nextbestoffer.kafka.stage.TransactionalProducer;
import io.nextbestoffer.kafka.topic.ConsumerGroupConfig;
import io.nextbestoffer.kafka.topic.TopicReader;

/**
 * Sends dead letters to their input again, each once: which ones a round takes is stored first, then the round's number
 * is committed with its records, in one Kafka transaction, as the metadata of an offset of a group of its own. After a
 * crash the number tells whether the round was sent. (Offsets alone would do only for who replays all, in order.)
 */
@ApplicationScoped
class DeadLetterReplay {

    static final String KIND = "dead-letters-replay";
    private static final String ROUND = "replayed=";
    private static final int PAGE = 500;

    private final DeadLetters deadLetters;
    private final DeadLetterReplays replays;
    private final KafkaStages streams;
    private final String group;

    DeadLetterReplay(DeadLetters deadLetters, DeadLetterReplays replays, KafkaStages streams,
            ConsumerGroupConfig groups) {
        this.deadLetters = deadLetters;
        this.replays = replays;
        this.streams = streams;
        group = groups.activities() + "-replay";
    }

    /**
     * Which dead letters to send.
     *
     * @param partition null: all
     * @param from offset, inclusive
     * @param to offset, inclusive
     * @param reason null: any
     */
    record Selection(@Nullable Integer partition, long from, long to, @Nullable String reason) {

        boolean has(ConsumerRecord<byte[], byte[]> record) {
            return (partition == null || partition == record.partition() && from <= record.offset()
                    && record.offset() <= to) && (reason == null || reason.equals(new DeadLetter(record).reason()));
        }

        /** Those of a partition come in the order of their offsets, and partitions in that of their numbers. */
        boolean isOver(ConsumerRecord<byte[], byte[]> record) {
            return partition != null && (record.partition() != partition || record.offset() >= to);
        }
    }

    JobTask replaying(String inputTopic, Selection selection) {
        return progress -> {
            KafkaStages.Topic input = progress.await(streams.topic(inputTopic));
            if (input == null) {
                throw new JobTask.JobRefusedException("there is no topic " + inputTopic);
            }
            try (var producer = streams.producer(group);
                    var reader = streams.reader(deadLetters.topic(inputTopic),
                            KIND, PAGE)) {
                return new Run(progress, producer, reader, inputTopic, input.partitions(), selection).run();
            }
        };
    }

    /** One replay. */
    private final class Run {

        private final JobProgress progress;
        private final TransactionalProducer producer;
        private final TopicReader reader;
        private final UUID topicId;
        private final String inputTopic;
        private final int inputPartitions;
        private final Selection selection;
        private final TopicPartition counter;
        private long round;
        private int replayed;
        private int already;
        private int empty;

        Run(JobProgress progress, TransactionalProducer producer, TopicReader reader, String inputTopic,
                int inputPartitions, Selection selection) {
            this.progress = progress;
            this.producer = producer;
            this.reader = reader;
            this.inputTopic = inputTopic;
            this.inputPartitions = inputPartitions;
            this.selection = selection;
            topicId = reader.topicId();
            counter = new TopicPartition(deadLetters.topic(inputTopic), 0);
        }

        Map<String, Object> run() {
            settle();
            if (selection.partition() != null) {
                if (!reader.hasPartition(selection.partition())) {
                    throw new JobTask.JobRefusedException(
                            "the dead-letter topic has no partition " + selection.partition());
                }
                reader.seek(selection.partition(), selection.from());
            }
            boolean over = false;
            for (var page = reader.next(); page != null; page = over ? null : reader.next()) {
                send(page.stream().filter(selection::has).toList());
                over = selection.isOver(page.get(page.size() - 1));
                progress.at(selection.partition() == null ? reader.done() : replayed + already + empty,
                        selection.partition() == null ? Long.valueOf(reader.total()) : null);
            }
            var result = new LinkedHashMap<String, Object>();
            result.put("replayed", replayed);
            result.put("already_replayed", already);
            result.put("without_content", empty);
            return result;
        }

        private void settle() {
            // Ends what another replay may have open
            producer.open();
            String metadata = progress.await(streams.metadata(group, counter));
            Long committed = metadata != null && metadata.startsWith(ROUND)
                    ? Long.valueOf(metadata.substring(ROUND.length()))
                    : null;
            round = progress.await(replays.settle(topicId, committed));
            // Also anew, so that Kafka does not forget it while it is needed
            commit(List.of());
            for (int partition = 0; partition < reader.partitions(); partition++) {
                progress.await(replays.purge(topicId, partition, reader.begin(partition)));
            }
        }

        private void send(List<ConsumerRecord<byte[], byte[]>> letters) {
            var whole = letters.stream().filter(letter -> new DeadLetter(letter).hasContent()).toList();
            empty += letters.size() - whole.size();
            if (whole.isEmpty()) {
                return;
            }
            long next = round + 1;
            var taken = progress.await(replays.take(whole.stream().map(reader::position).toList(), topicId, next,
                    progress.id()));
            already += whole.size() - taken.size();
            if (taken.isEmpty()) {
                return;
            }
            var records = whole.stream().filter(letter -> taken.contains(reader.position(letter))).toList();
            round = next;
            commit(records);
            progress.await(replays.done(topicId, round));
            replayed += records.size();
        }

        private void commit(List<ConsumerRecord<byte[], byte[]>> letters) {
            producer.commit(
                    letters.stream().map(letter -> new DeadLetter(letter).again(inputTopic, inputPartitions)).toList(),
                    Map.of(counter, new OffsetAndMetadata(0, ROUND + round)), new ConsumerGroupMetadata(group));
        }
    }
}
