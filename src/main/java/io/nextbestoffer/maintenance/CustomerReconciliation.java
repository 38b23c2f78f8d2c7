package io.nextbestoffer.maintenance;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;

import jakarta.enterprise.context.ApplicationScoped;

import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

import io.nextbestoffer.customer.CatchUp;
import io.nextbestoffer.customer.CustomerRepair;
import io.nextbestoffer.job.JobProgress;
import io.nextbestoffer.job.JobTask;
import io.nextbestoffer.kafka.avro.WireFormat;
import io.nextbestoffer.kafka.stage.KafkaStages;
import io.nextbestoffer.kafka.topic.ConsumerGroupConfig;
import io.nextbestoffer.kafka.topic.RecordPosition;
import io.nextbestoffer.kafka.topic.TopicConfig;
import io.nextbestoffer.kafka.topic.TopicReader;

/**
 * Erases customers whom the bank deleted while nobody heard of it. It writes the deletes that are missing to the topic
 * of changes, and all goes its usual way: tables and the memory of every replica forget them, and whoever reads the
 * topic again later.
 */
@ApplicationScoped
class CustomerReconciliation {

    static final String KIND = "customers-reconcile";
    private static final int PAGE = 500;
    private static final Duration APPLIED = Duration.ofMinutes(5);
    private static final Duration BEAT = Duration.ofSeconds(1);

    private final CustomerRepair customers;
    private final CatchUp catchUp;
    private final KafkaStages streams;
    private final TopicConfig topics;
    private final ConsumerGroupConfig groups;

    CustomerReconciliation(CustomerRepair customers, CatchUp catchUp, KafkaStages streams, TopicConfig topics,
            ConsumerGroupConfig groups) {
        this.customers = customers;
        this.catchUp = catchUp;
        this.streams = streams;
        this.topics = topics;
        this.groups = groups;
    }

    /** @param confirmed most of them; @param force also where their changes are in Avro */
    JobTask erasing(CustomerRepair.Since since, long confirmed, boolean force) {
        return progress -> {
            long written = 0;
            try (var producer = streams.producer(groups.activities() + "-reconcile");
                    var reader = streams.reader(topics.customers(), KIND, 1)) {
                String after = "";
                while (true) {
                    var page = progress.await(customers.missing(since, after, PAGE));
                    if (page.isEmpty()) {
                        break;
                    }
                    if (written + page.size() > confirmed) {
                        throw new JobTask.JobRefusedException(
                                "more customers are missing now than were confirmed: list them"
                                        + " again");
                    }
                    after = page.get(page.size() - 1).id().text();
                    producer.commit(deletions(page, reader, force), Map.of(),
                            new ConsumerGroupMetadata(groups.customers()));
                    written += page.size();
                    progress.at(written, confirmed);
                }
            }
            if (!applied(progress, written, confirmed)) {
                throw new JobTask.JobRefusedException("the deletes are written, but were not applied within " + APPLIED
                        + ": see whether the service is ready");
            }
            return Map.of("erased", written);
        };
    }

    /** Meanwhile says that it is there. */
    private boolean applied(JobProgress progress, long written, long confirmed) {
        var applied = catchUp.isCaughtUp(APPLIED).subscribeAsCompletionStage();
        try {
            while (true) {
                try {
                    return applied.get(BEAT.toMillis(), TimeUnit.MILLISECONDS);
                } catch (TimeoutException e) {
                    progress.at(written, confirmed);
                }
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException("whether the deletes are applied could not be asked", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new JobProgress.JobStoppedException();
        } finally {
            applied.cancel(true);
        }
    }

    private List<ProducerRecord<byte[], byte[]>> deletions(List<CustomerRepair.MissingCustomer> page,
            TopicReader reader,
            boolean force) {
        var last = last(page, reader);
        if (!force && (last.values().stream().anyMatch(change -> WireFormat.matches(change.value()))
                || last.size() < page.size() && beginsInAvro(reader))) {
            throw new JobTask.JobRefusedException(
                    "the changes are in Avro, and the deletes would be JSON: other readers of"
                            + " the topic may stop at them. Add force=true if there are none, or they read both");
        }
        var records = new ArrayList<ProducerRecord<byte[], byte[]>>(page.size());
        for (var one : page) {
            var change = last.get(one.last());
            records.add(customers.deletion(one, change == null ? null : change.key(), reader.topicId()));
        }
        return records;
    }

    /** Whose last change is gone, as where the topic was made again: then what is there first tells, tombstones don't. */
    private static boolean beginsInAvro(TopicReader reader) {
        return IntStream.range(0, reader.partitions())
                .anyMatch(partition -> WireFormat.matches(firstValue(reader, partition)));
    }

    private static byte @Nullable [] firstValue(TopicReader reader, int partition) {
        reader.seek(partition, reader.begin(partition));
        for (var found = reader.next(); found != null; found = reader.next()) {
            byte[] value = found.get(0).value();
            if (value != null) {
                return value;
            }
        }
        return null;
    }

    private record Change(byte @Nullable [] key, byte @Nullable [] value) {
    }

    /** Their last changes, as far as these are there still. */
    private static Map<RecordPosition, Change> last(List<CustomerRepair.MissingCustomer> page, TopicReader reader) {
        UUID topicId = reader.topicId();
        var changes = new HashMap<RecordPosition, Change>();
        page.stream().map(CustomerRepair.MissingCustomer::last)
                .filter(last -> last.topicId().equals(topicId) && reader.hasPartition(last.partition()))
                .sorted(Comparator.comparingInt(RecordPosition::partition).thenComparingLong(RecordPosition::offset))
                .forEach(last -> {
                    reader.seek(last.partition(), last.offset());
                    var found = reader.next();
                    if (found != null && reader.position(found.get(0)).equals(last)) {
                        changes.put(last, new Change(found.get(0).key(), found.get(0).value()));
                    }
                });
        return changes;
    }
}
