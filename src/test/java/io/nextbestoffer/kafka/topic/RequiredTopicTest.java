package io.nextbestoffer.kafka.topic;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;

import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.junit.jupiter.api.Test;

class RequiredTopicTest {

    private final RequiredTopic customers = new RequiredTopic("customers", RequiredTopic.Kind.STATE, null, Map.of());
    private final RequiredTopic offers = RequiredTopic.events("offers", "activities", Map.of());

    private static Config config(String policy, String ms, String bytes) {
        return new Config(List.of(new ConfigEntry("cleanup.policy", policy), new ConfigEntry("retention.ms", ms),
                new ConfigEntry("retention.bytes", bytes)));
    }

    @Test
    void requiresCompactionOrUnlimitedRetentionForCustomers() {
        assertThat(customers.verify(config("compact", "604800000", "-1"), 1, null)).isEmpty();
        assertThat(customers.verify(config("delete", "-1", "-1"), 1, null)).isEmpty();

        assertThat(customers.verify(config("delete", "604800000", "-1"), 1, null)).singleElement().hasToString(
                "customers: retention.ms is 604800000, expected -1, or cleanup.policy compact:"
                        + " customers would be forgotten");
        assertThat(customers.verify(config("delete", "-1", "1000"), 1, null))
                .extracting(RequiredTopic.Finding::setting).containsExactly("retention.bytes");
        assertThat(customers.verify(config("compact,delete", "604800000", "-1"), 1, null))
                .extracting(RequiredTopic.Finding::setting).containsExactly("retention.ms");
    }

    @Test
    void requiresEnoughPartitionsAndNoCompactionForEvents() {
        assertThat(offers.verify(config("delete", "1000", "-1"), 6, 6)).isEmpty();
        assertThat(offers.verify(config("delete", "1000", "-1"), 7, 6)).isEmpty();
        assertThat(offers.verify(config("delete", "1000", "-1"), 1, null)).isEmpty();

        assertThat(offers.verify(config("compact", "1000", "-1"), 3, 6)).extracting(Object::toString).containsExactly(
                "offers: partitions is 3, expected at least the 6 of activities",
                "offers: cleanup.policy is compact, expected delete:"
                        + " compaction drops all but the last record of each key");
    }
}
