package io.nextbestoffer.stream;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;

class StreamsTest {

    private static void check(Map<String, String> properties) {
        var config = new SmallRyeConfigBuilder().addDiscoveredConverters()
                .withSources(new PropertiesConfigSource(properties, "test", 500)).withMapping(StreamConfig.class)
                .withMapping(TopicConfig.class).withMapping(GroupConfig.class).build();
        Streams.check(config.getConfigMapping(StreamConfig.class), config.getConfigMapping(TopicConfig.class),
                config.getConfigMapping(GroupConfig.class));
    }

    @Test
    void takeTheDefaults() {
        assertThatCode(() -> check(Map.of())).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '\'', textBlock = """
            nbo.topics.offers, customer-activity, 'nbo.topics.activities and nbo.topics.offers must differ'
            nbo.groups.traces, next-best-offer, 'nbo.groups.activities and nbo.groups.traces must differ'
            nbo.stream.batch.bytes, 1023, 'nbo.stream.batch.bytes must be from 1K to 1G'
            nbo.stream.batch.bytes, 2G, 'nbo.stream.batch.bytes must be from 1K to 1G'
            """)
    void refuseWhatCanNotWork(String property, String value, String message) {
        assertThatThrownBy(() -> check(Map.of(property, value))).hasMessageContaining(message);
    }
}
