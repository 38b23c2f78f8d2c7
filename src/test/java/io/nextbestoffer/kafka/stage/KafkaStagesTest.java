package io.nextbestoffer.kafka.stage;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import io.nextbestoffer.kafka.topic.ConsumerGroupConfig;
import io.nextbestoffer.kafka.topic.TopicConfig;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;

class KafkaStagesTest {

    private static void check(Map<String, String> properties) {
        var config = new SmallRyeConfigBuilder().addDiscoveredConverters()
                .withSources(new PropertiesConfigSource(properties, "test", 500)).withMapping(StageConfig.class)
                .withMapping(TopicConfig.class).withMapping(ConsumerGroupConfig.class).build();
        KafkaStages.check(config.getConfigMapping(StageConfig.class), config.getConfigMapping(TopicConfig.class),
                config.getConfigMapping(ConsumerGroupConfig.class));
    }

    @Test
    void acceptsTheDefaults() {
        assertThatCode(() -> check(Map.of())).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '\'', textBlock = """
            nbo.topics.offers, customer-activity, 'nbo.topics.activities and nbo.topics.offers must differ'
            nbo.groups.traces, next-best-offer, 'nbo.groups.activities and nbo.groups.traces must differ'
            nbo.stream.batch.bytes, 1023, 'nbo.stream.batch.bytes must be from 1K to 1G'
            nbo.stream.batch.bytes, 2G, 'nbo.stream.batch.bytes must be from 1K to 1G'
            """)
    void rejectsPropertiesThatContradictEachOther(String property, String value, String message) {
        assertThatThrownBy(() -> check(Map.of(property, value))).hasMessageContaining(message);
    }
}
