package io.nextbestoffer.maintenance;

import java.util.LinkedHashMap;
import java.util.Map;

import jakarta.enterprise.context.ApplicationScoped;

import io.nextbestoffer.job.JobProgress;
import io.nextbestoffer.job.JobTask;
import io.nextbestoffer.kafka.stage.KafkaStages;
import io.nextbestoffer.kafka.topic.TopicConfig;
import io.nextbestoffer.latest.LatestOfferRestorer;

/** Makes the table of latest offers again from what went out. */
@ApplicationScoped
public class LatestOfferRebuild implements JobTask {

    public static final String KIND = "latest-offers-rebuild";
    private static final int PAGE = 2_000;

    private final LatestOfferRestorer offers;
    private final KafkaStages streams;
    private final TopicConfig topics;

    LatestOfferRebuild(LatestOfferRestorer offers, KafkaStages streams, TopicConfig topics) {
        this.offers = offers;
        this.streams = streams;
        this.topics = topics;
    }

    @Override
    public Map<String, Object> run(JobProgress progress) {
        long records = 0;
        long stored = 0;
        long unreadable = 0;
        KafkaStages.Topic activities = progress.await(streams.topic(topics.activities()));
        if (activities == null) {
            throw new JobRefusedException("there is no topic " + topics.activities());
        }
        try (var reader = streams.reader(topics.offers(), KIND, PAGE)) {
            for (var page = reader.next(); page != null; page = reader.next()) {
                var restored = progress.await(offers.restore(page, reader, activities.id()));
                records += page.size();
                stored += restored.stored();
                unreadable += restored.unreadable();
                progress.at(reader.done(), reader.total());
            }
            progress.at(reader.total(), reader.total());
        }
        var result = new LinkedHashMap<String, Object>();
        result.put("records", records);
        result.put("stored", stored);
        result.put("unreadable", unreadable);
        return result;
    }
}
