package io.nextbestoffer.maintenance;

import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

import jakarta.enterprise.context.ApplicationScoped;

import io.nextbestoffer.job.Job;
import io.nextbestoffer.job.JobProgress;
import io.nextbestoffer.job.JobRefusedException;
import io.nextbestoffer.job.JobTask;
import io.nextbestoffer.kafka.stage.KafkaStages;
import io.nextbestoffer.kafka.topic.RecordPosition;
import io.nextbestoffer.kafka.topic.TopicConfig;
import io.nextbestoffer.kafka.topic.TopicReader;
import io.nextbestoffer.latest.LatestOfferRestorer;
import io.quarkus.runtime.annotations.RegisterForReflection;

/** Rebuilds the table of latest offers from the topic of offers. */
@ApplicationScoped
class LatestOfferRebuild implements MaintenanceJob {

    private static final String NAME = "latest-offers-rebuild";
    private static final int PAGE = 2_000;

    private final LatestOfferRestorer offers;
    private final KafkaStages stages;
    private final TopicConfig topics;
    private final ParameterJson json;

    LatestOfferRebuild(LatestOfferRestorer offers, KafkaStages stages, TopicConfig topics, ParameterJson json) {
        this.offers = offers;
        this.stages = stages;
        this.topics = topics;
        this.json = json;
    }

    /**
     * The progress of an attempt, from which the next one continues.
     *
     * @param topicId the id of the topic of offers
     * @param partition the partition that is being read; those before it are done
     * @param offset the offset of the next record
     */
    @RegisterForReflection
    record Checkpoint(UUID topicId, int partition, long offset, long records, long stored, long unreadable) {

        Map<String, Object> result() {
            return new TreeMap<>(Map.of("records", records, "stored", stored, "unreadable", unreadable));
        }
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public JobTask task(Job job) {
        Checkpoint checkpoint = job.checkpoint() == null ? null : json.read(job.checkpoint(), Checkpoint.class);
        return progress -> {
            try (var reader = stages.reader(topics.offers(), NAME, PAGE)) {
                if (checkpoint == null || !checkpoint.topicId().equals(reader.topicId())
                        || !reader.hasPartition(checkpoint.partition())) {
                    return run(progress, reader, new Checkpoint(reader.topicId(), 0, 0, 0, 0, 0));
                }
                reader.seek(checkpoint.partition(), checkpoint.offset());
                return run(progress, reader, checkpoint);
            }
        };
    }

    private Map<String, Object> run(JobProgress progress, TopicReader reader, Checkpoint from) {
        KafkaStages.Topic activities = progress.await(stages.topic(topics.activities()));
        if (activities == null) {
            throw new JobRefusedException("there is no topic " + topics.activities());
        }
        Checkpoint reached = from;
        for (var page = reader.next(); page != null; page = reader.next()) {
            var restored = progress.await(offers.restore(page, reader, activities.id()));
            RecordPosition last = reader.position(page.get(page.size() - 1));
            reached = new Checkpoint(last.topicId(), last.partition(), last.offset() + 1,
                    reached.records() + page.size(), reached.stored() + restored.stored(),
                    reached.unreadable() + restored.unreadable());
            progress.at(reader.done(), reader.total(), json.text(reached));
        }
        progress.at(reader.total(), reader.total());
        return reached.result();
    }
}
