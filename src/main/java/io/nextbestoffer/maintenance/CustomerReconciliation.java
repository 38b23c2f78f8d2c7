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
import io.nextbestoffer.job.Job;
import io.nextbestoffer.job.JobProgress;
import io.nextbestoffer.job.JobRefusedException;
import io.nextbestoffer.job.JobStoppedException;
import io.nextbestoffer.job.JobTask;
import io.nextbestoffer.kafka.avro.WireFormat;
import io.nextbestoffer.kafka.stage.KafkaStages;
import io.nextbestoffer.kafka.topic.ConsumerGroupConfig;
import io.nextbestoffer.kafka.topic.RecordPosition;
import io.nextbestoffer.kafka.topic.TopicConfig;
import io.nextbestoffer.kafka.topic.TopicReader;
import io.quarkus.runtime.annotations.RegisterForReflection;

/**
 * Erases customers that the bank deleted without this service receiving the change. It writes the missing deletes to
 * the topic of changes, where they are processed like any others. The tables and the caches of all replicas drop these
 * customers, and so does every later reader of the topic.
 */
@ApplicationScoped
class CustomerReconciliation implements MaintenanceJob {

    private static final String NAME = "customers-reconcile";
    private static final int PAGE = 500;
    private static final Duration APPLY_TIMEOUT = Duration.ofMinutes(5);
    private static final Duration REPORT_INTERVAL = Duration.ofSeconds(1);

    private final CustomerRepair customers;
    private final CatchUp catchUp;
    private final KafkaStages stages;
    private final TopicConfig topics;
    private final ConsumerGroupConfig groups;
    private final ParameterJson json;

    CustomerReconciliation(CustomerRepair customers, CatchUp catchUp, KafkaStages stages, TopicConfig topics,
            ConsumerGroupConfig groups, ParameterJson json) {
        this.customers = customers;
        this.catchUp = catchUp;
        this.stages = stages;
        this.topics = topics;
        this.groups = groups;
        this.json = json;
    }

    /**
     * Selects the customers to erase: those without a change since a given point.
     *
     * @param lsn the LSN of the last snapshot; null if only the time counts
     * @param time milliseconds of the Unix epoch, by the bank's clock
     * @param confirmed maximum number of customers
     * @param force whether to erase even if the topic has changes in Avro, although the deletes are in JSON
     */
    @RegisterForReflection
    record Parameters(@Nullable Long lsn, long time, long confirmed, boolean force) {

        static Parameters of(CustomerRepair.Since since, long confirmed, boolean force) {
            return new Parameters(since.lsn(), since.time(), confirmed, force);
        }

        CustomerRepair.Since since() {
            return new CustomerRepair.Since(lsn, time);
        }
    }

    /** @param written the number of deletes written so far */
    @RegisterForReflection
    record Checkpoint(long written) {
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public JobTask task(Job job) {
        Parameters parameters = json.read(String.valueOf(job.parameters()), Parameters.class);
        long written = job.checkpoint() == null ? 0 : json.read(job.checkpoint(), Checkpoint.class).written();
        return progress -> {
            if (written > 0) {
                // Otherwise customers whose deletes are not applied yet would be listed and counted again
                awaitApplied(progress, written, parameters.confirmed());
            }
            return Map.of("erased", erase(progress, parameters, written));
        };
    }

    private long erase(JobProgress progress, Parameters parameters, long writtenBefore) {
        long written = writtenBefore;
        try (var producer = stages.producer(groups.activities() + "-reconcile");
                var reader = stages.reader(topics.customers(), NAME, 1)) {
            String after = "";
            while (true) {
                var page = progress.await(customers.missing(parameters.since(), after, PAGE));
                if (page.isEmpty()) {
                    break;
                }
                if (written + page.size() > parameters.confirmed()) {
                    throw new JobRefusedException(
                            "more customers are missing now than were confirmed: list them again");
                }
                after = page.get(page.size() - 1).id().text();
                producer.commit(deletions(page, reader, parameters.force()), Map.of(),
                        new ConsumerGroupMetadata(groups.customers()));
                written += page.size();
                progress.at(written, parameters.confirmed(), json.text(new Checkpoint(written)));
            }
        }
        awaitApplied(progress, written, parameters.confirmed());
        return written;
    }

    private void awaitApplied(JobProgress progress, long written, long confirmed) {
        if (!isApplied(progress, written, confirmed)) {
            throw new JobRefusedException("the deletes are written, but were not applied within " + APPLY_TIMEOUT
                    + ": see whether the service is ready");
        }
    }

    private boolean isApplied(JobProgress progress, long written, long confirmed) {
        var applied = catchUp.isCaughtUp(APPLY_TIMEOUT).subscribeAsCompletionStage();
        try {
            while (true) {
                try {
                    return applied.get(REPORT_INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
                } catch (TimeoutException e) {
                    progress.at(written, confirmed);
                }
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException("could not find out whether the deletes are applied", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new JobStoppedException();
        } finally {
            applied.cancel(true);
        }
    }

    private List<ProducerRecord<byte[], byte[]>> deletions(List<CustomerRepair.MissingCustomer> page,
            TopicReader reader,
            boolean force) {
        var changes = lastChanges(page, reader);
        if (!force && (changes.values().stream().anyMatch(change -> WireFormat.matches(change.value()))
                || changes.size() < page.size() && beginsInAvro(reader))) {
            throw new JobRefusedException("the changes are in Avro, and the deletes would be JSON, which can stop other"
                    + " readers of the topic. Add force=true if there are none, or if they read both");
        }
        var records = new ArrayList<ProducerRecord<byte[], byte[]>>(page.size());
        for (var one : page) {
            var change = changes.get(one.last());
            records.add(customers.deletion(one, change == null ? null : change.key(), reader.topicId()));
        }
        return records;
    }

    /**
     * Whether a partition begins with a value in Avro. This is the fallback for customers whose last change is no
     * longer in the topic, for example because the topic was created again. Tombstones are skipped, because they have
     * no format.
     */
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

    /** Returns the last changes of these customers, as far as the topic still has them. */
    private static Map<RecordPosition, Change> lastChanges(List<CustomerRepair.MissingCustomer> page,
            TopicReader reader) {
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
