package io.nextbestoffer.kafka.topic;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.TopicConfig;
import org.jspecify.annotations.Nullable;

/**
 * A topic that the service needs, with its required settings.
 *
 * @param input a topic that must not have more partitions than this one; null if any number of partitions will do
 * @param configuration the settings with which the topic is created
 */
record RequiredTopic(String name, Kind kind, @Nullable String input, Map<String, String> configuration) {

    enum Kind {
        /** Every record counts; no record replaces another. */
        EVENTS,
        /** The last record of each key must be kept for ever. */
        STATE
    }

    /** A setting that is not as required. */
    record Finding(String topic, String setting, String found, String expected) {

        @Override
        public String toString() {
            return topic + ": " + setting + " is " + found + ", expected " + expected;
        }
    }

    static RequiredTopic events(String name, @Nullable String input, Map<String, String> configuration) {
        return new RequiredTopic(name, Kind.EVENTS, input, configuration);
    }

    /**
     * Returns the settings that are not as required.
     *
     * @param inputPartitions the number of partitions of the input; null if it does not exist
     */
    List<Finding> verify(Config config, int partitions, @Nullable Integer inputPartitions) {
        var findings = new ArrayList<Finding>();
        if (inputPartitions != null && partitions < inputPartitions) {
            findings.add(new Finding(name, "partitions", Integer.toString(partitions),
                    "at least the " + inputPartitions + " of " + input));
        }
        Set<String> policies = Stream.of(value(config, TopicConfig.CLEANUP_POLICY_CONFIG).split(",")).map(String::trim)
                .filter(policy -> !policy.isEmpty()).collect(Collectors.toSet());
        boolean compacted = policies.contains(TopicConfig.CLEANUP_POLICY_COMPACT);
        if (kind == Kind.EVENTS) {
            if (compacted) {
                findings.add(new Finding(name, TopicConfig.CLEANUP_POLICY_CONFIG, String.join(",", policies),
                        "delete: compaction drops all but the last record of each key"));
            }
        } else if (policies.contains(TopicConfig.CLEANUP_POLICY_DELETE)) {
            // Even with compact, the last change of a customer would be dropped once it is old
            var limits = new TreeMap<String, String>();
            for (String limit : List.of(TopicConfig.RETENTION_MS_CONFIG, TopicConfig.RETENTION_BYTES_CONFIG)) {
                if (!value(config, limit).equals("-1")) {
                    limits.put(limit, value(config, limit));
                }
            }
            limits.forEach((limit, found) -> findings.add(new Finding(name, limit, found,
                    "-1, or " + TopicConfig.CLEANUP_POLICY_CONFIG + " compact: customers would be forgotten")));
        }
        return findings;
    }

    private static String value(Config config, String name) {
        ConfigEntry entry = config.get(name);
        return entry == null || entry.value() == null ? "" : entry.value();
    }
}
