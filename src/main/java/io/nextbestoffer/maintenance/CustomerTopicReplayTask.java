package io.nextbestoffer.maintenance;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

import jakarta.enterprise.context.ApplicationScoped;

import io.nextbestoffer.customer.CustomerRepair;
import io.nextbestoffer.customer.CustomerTopicReplay;
import io.nextbestoffer.job.JobProgress;
import io.nextbestoffer.job.JobTask;
import io.nextbestoffer.kafka.stage.KafkaStages;
import io.nextbestoffer.kafka.topic.TopicConfig;

/** Brings the table of customers to what the topic says, from the first change that is there. */
@ApplicationScoped
public class CustomerTopicReplayTask implements JobTask {

    public static final String KIND = "customers-reread";
    private static final int PAGE = 1_000;
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    private final CustomerRepair customers;
    private final KafkaStages streams;
    private final TopicConfig topics;

    CustomerTopicReplayTask(CustomerRepair customers, KafkaStages streams, TopicConfig topics) {
        this.customers = customers;
        this.streams = streams;
        this.topics = topics;
    }

    @Override
    public Map<String, Object> run(JobProgress progress) {
        CustomerTopicReplay rereading = customers.reread().await().atMost(TIMEOUT);
        try {
            return run(progress, rereading);
        } finally {
            rereading.close().await().atMost(TIMEOUT);
        }
    }

    private Map<String, Object> run(JobProgress progress, CustomerTopicReplay rereading) {
        long changes = 0;
        long unreadable = 0;
        long read;
        try (var reader = streams.reader(topics.customers(), KIND, PAGE)) {
            for (var page = reader.next(); page != null; page = reader.next()) {
                unreadable += progress.await(rereading.add(page, reader));
                changes += page.size();
                // The customers that come of it are counted when they are known
                progress.at(reader.done(), reader.total());
            }
            read = reader.total();
        }
        long total = read + progress.await(rereading.customers());
        progress.await(rereading.applyTruncate());
        long seen = 0;
        long repaired = 0;
        var page = new CustomerTopicReplay.Page(0, "", 0);
        do {
            page = progress.await(rereading.apply(page.last(), PAGE));
            seen += page.compared();
            repaired += page.repaired();
            progress.at(read + seen, total);
        } while (page.compared() > 0);
        var result = new LinkedHashMap<String, Object>();
        result.put("changes", changes);
        result.put("customers", seen);
        result.put("repaired", repaired);
        result.put("unreadable", unreadable);
        return result;
    }
}
