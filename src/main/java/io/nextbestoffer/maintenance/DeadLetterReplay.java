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

import io.nextbestoffer.job.Job;
import io.nextbestoffer.job.JobProgress;
import io.nextbestoffer.job.JobRefusedException;
import io.nextbestoffer.job.JobTask;
import io.nextbestoffer.kafka.stage.DeadLetters;
import io.nextbestoffer.kafka.stage.KafkaStages;
import io.nextbestoffer.kafka.stage.TransactionalProducer;
import io.nextbestoffer.kafka.topic.ConsumerGroupConfig;
import io.nextbestoffer.kafka.topic.TopicReader;
import io.quarkus.runtime.annotations.RegisterForReflection;

/**
 * Sends dead letters to their input topic again, each once. A round first stores in Postgres which letters it takes.
 * Then one Kafka transaction commits the records together with the number of the round, which is the metadata of an
 * offset in a separate consumer group. After a crash that number shows whether the round was sent. (Offsets alone would
 * suffice only if all letters were replayed in order.)
 */
@ApplicationScoped
class DeadLetterReplay implements MaintenanceJob {

    private static final String NAME = "dead-letters-replay";
    private static final String ROUND = "replayed=";
    private static final int PAGE = 500;

    private final DeadLetters deadLetters;
    private final DeadLetterReplays replays;
    private final KafkaStages stages;
    private final ParameterJson json;
    private final String group;

    DeadLetterReplay(DeadLetters deadLetters, DeadLetterReplays replays, KafkaStages stages, ParameterJson json,
            ConsumerGroupConfig groups) {
        this.deadLetters = deadLetters;
        this.replays = replays;
        this.stages = stages;
        this.json = json;
        group = groups.activities() + "-replay";
    }

    /**
     * Selects the dead letters of a topic to send.
     *
     * @param topic the input topic
     * @param partition a partition of the dead-letter topic; null: all
     * @param from offset, inclusive
     * @param to offset, inclusive
     * @param reason null: any
     */
    @RegisterForReflection
    record Selection(String topic, @Nullable Integer partition, long from, long to, @Nullable String reason) {

        boolean contains(ConsumerRecord<byte[], byte[]> record) {
            return (partition == null || partition == record.partition() && from <= record.offset()
                    && record.offset() <= to) && (reason == null || reason.equals(new DeadLetter(record).reason()));
        }

        /**
         * Whether no record after this one is selected: records are read in the order of their partitions and offsets.
         */
        boolean endsAt(ConsumerRecord<byte[], byte[]> record) {
            return partition != null && (record.partition() != partition || record.offset() >= to);
        }
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public JobTask task(Job job) {
        Selection selection = json.read(String.valueOf(job.parameters()), Selection.class);
        return progress -> {
            KafkaStages.Topic input = progress.await(stages.topic(selection.topic()));
            if (input == null) {
                throw new JobRefusedException("there is no topic " + selection.topic());
            }
            try (var producer = stages.producer(group);
                    var reader = stages.reader(deadLetters.topic(selection.topic()), NAME, PAGE)) {
                return new Run(progress, producer, reader, input.partitions(), selection).run();
            }
        };
    }

    /** One attempt of a job. */
    private final class Run {

        private final JobProgress progress;
        private final TransactionalProducer producer;
        private final TopicReader reader;
        private final UUID topicId;
        private final int inputPartitions;
        private final Selection selection;
        private final TopicPartition counter;
        private long round;
        private int replayed;
        private int alreadyReplayed;
        private int withoutContent;

        Run(JobProgress progress, TransactionalProducer producer, TopicReader reader, int inputPartitions,
                Selection selection) {
            this.progress = progress;
            this.producer = producer;
            this.reader = reader;
            this.inputPartitions = inputPartitions;
            this.selection = selection;
            topicId = reader.topicId();
            counter = new TopicPartition(deadLetters.topic(selection.topic()), 0);
        }

        Map<String, Object> run() {
            settle();
            if (selection.partition() != null) {
                if (!reader.hasPartition(selection.partition())) {
                    throw new JobRefusedException("the dead-letter topic has no partition " + selection.partition());
                }
                reader.seek(selection.partition(), selection.from());
            }
            boolean ended = false;
            for (var page = reader.next(); page != null; page = ended ? null : reader.next()) {
                send(page.stream().filter(selection::contains).toList());
                ended = selection.endsAt(page.get(page.size() - 1));
                progress.at(selection.partition() == null ? reader.done() : replayed + alreadyReplayed + withoutContent,
                        selection.partition() == null ? Long.valueOf(reader.total()) : null);
            }
            var result = new LinkedHashMap<String, Object>();
            result.put("replayed", replayed);
            result.put("already_replayed", alreadyReplayed);
            result.put("without_content", withoutContent);
            return result;
        }

        private void settle() {
            // Aborts the transaction that another attempt may have open, and fences its producer
            producer.open();
            String metadata = progress.await(stages.metadata(group, counter));
            Long committed = metadata != null && metadata.startsWith(ROUND)
                    ? Long.valueOf(metadata.substring(ROUND.length()))
                    : null;
            round = progress.await(replays.settle(topicId, committed));
            // Committed again, so that Kafka does not expire it while it is needed
            commit(List.of());
            for (int partition = 0; partition < reader.partitions(); partition++) {
                progress.await(replays.purge(topicId, partition, reader.begin(partition)));
            }
        }

        private void send(List<ConsumerRecord<byte[], byte[]>> letters) {
            var withContent = letters.stream().filter(letter -> new DeadLetter(letter).hasContent()).toList();
            withoutContent += letters.size() - withContent.size();
            if (withContent.isEmpty()) {
                return;
            }
            long next = round + 1;
            var taken = progress
                    .await(replays.take(withContent.stream().map(reader::position).toList(), topicId, next, progress));
            alreadyReplayed += withContent.size() - taken.size();
            if (taken.isEmpty()) {
                return;
            }
            var records = withContent.stream().filter(letter -> taken.contains(reader.position(letter))).toList();
            round = next;
            commit(records);
            progress.await(replays.done(topicId, round));
            replayed += records.size();
        }

        private void commit(List<ConsumerRecord<byte[], byte[]>> letters) {
            producer.commit(
                    letters.stream()
                            .map(letter -> new DeadLetter(letter).toInputRecord(selection.topic(), inputPartitions))
                            .toList(),
                    Map.of(counter, new OffsetAndMetadata(0, ROUND + round)), new ConsumerGroupMetadata(group));
        }
    }
}
