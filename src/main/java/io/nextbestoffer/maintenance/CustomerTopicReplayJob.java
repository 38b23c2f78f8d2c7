package io.nextbestoffer.maintenance;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

import jakarta.enterprise.context.ApplicationScoped;

import io.nextbestoffer.customer.CustomerRepair;
import io.nextbestoffer.customer.CustomerTopicReplay;
import io.nextbestoffer.job.Job;
import io.nextbestoffer.job.JobProgress;
import io.nextbestoffer.job.JobTask;
import io.nextbestoffer.kafka.stage.KafkaStages;
import io.nextbestoffer.kafka.topic.TopicConfig;

/** Repairs the table of customers by reading the topic of changes from its beginning. */
@ApplicationScoped
class CustomerTopicReplayJob implements MaintenanceJob {

    static final String NAME = "customers-reread";
    private static final int PAGE = 1_000;
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    private final CustomerRepair customers;
    private final KafkaStages stages;
    private final TopicConfig topics;

    CustomerTopicReplayJob(CustomerRepair customers, KafkaStages stages, TopicConfig topics) {
        this.customers = customers;
        this.stages = stages;
        this.topics = topics;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public JobTask task(Job job) {
        return this::run;
    }

    private Map<String, Object> run(JobProgress progress) {
        CustomerTopicReplay replay = customers.reread().await().atMost(TIMEOUT);
        try {
            return run(progress, replay);
        } finally {
            replay.close().await().atMost(TIMEOUT);
        }
    }

    private Map<String, Object> run(JobProgress progress, CustomerTopicReplay replay) {
        long changes = 0;
        long unreadable = 0;
        long read;
        try (var reader = stages.reader(topics.customers(), NAME, PAGE)) {
            for (var page = reader.next(); page != null; page = reader.next()) {
                unreadable += progress.await(replay.add(page, reader));
                changes += page.size();
                // The total rises once the number of customers is known
                progress.at(reader.done(), reader.total());
            }
            read = reader.total();
        }
        long total = read + progress.await(replay.customers());
        progress.await(replay.applyTruncate());
        long compared = 0;
        long repaired = 0;
        var page = new CustomerTopicReplay.Page(0, "", 0);
        do {
            page = progress.await(replay.apply(page.last(), PAGE));
            compared += page.compared();
            repaired += page.repaired();
            progress.at(read + compared, total);
        } while (page.compared() > 0);
        var result = new LinkedHashMap<String, Object>();
        result.put("changes", changes);
        result.put("customers", compared);
        result.put("repaired", repaired);
        result.put("unreadable", unreadable);
        return result;
    }
}
