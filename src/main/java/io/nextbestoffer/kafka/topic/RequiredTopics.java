package io.nextbestoffer.kafka.topic;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import jakarta.enterprise.context.ApplicationScoped;

import org.eclipse.microprofile.config.inject.ConfigProperty;

import io.nextbestoffer.kafka.stage.StageConfig;

/** The topics that this replica needs, each after the topic from which it takes its number of partitions. */
@ApplicationScoped
class RequiredTopics {

    /** One day, because Postgres stores the decision log for longer. */
    private static final String DAY_MS = "86400000";

    private final List<RequiredTopic> all = new ArrayList<>();

    RequiredTopics(TopicConfig topics, StageConfig config,
            @ConfigProperty(name = "nbo.traces.store", defaultValue = "true") boolean storesDecisionLog) {
        String deadLetter = config.deadLetterSuffix();
        all.add(RequiredTopic.events(topics.activities(), null, Map.of()));
        // Compacted rather than kept for ever, so that customers deleted by the bank disappear from the topic, too
        all.add(new RequiredTopic(topics.customers(), RequiredTopic.Kind.STATE, null,
                Map.of(org.apache.kafka.common.config.TopicConfig.CLEANUP_POLICY_CONFIG, "compact")));
        all.add(RequiredTopic.events(topics.offers(), topics.activities(), Map.of()));
        all.add(RequiredTopic.events(topics.activities() + deadLetter, topics.activities(), Map.of()));
        all.add(RequiredTopic.events(topics.customers() + deadLetter, topics.customers(), Map.of()));
        all.add(RequiredTopic.events(topics.traces(), topics.activities(),
                Map.of(org.apache.kafka.common.config.TopicConfig.RETENTION_MS_CONFIG, DAY_MS)));
        if (storesDecisionLog) {
            all.add(RequiredTopic.events(topics.traces() + deadLetter, topics.traces(), Map.of()));
        }
    }

    List<RequiredTopic> all() {
        return all;
    }
}
