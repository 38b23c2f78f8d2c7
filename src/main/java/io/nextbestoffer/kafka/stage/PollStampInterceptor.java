package io.nextbestoffer.kafka.stage;

import java.util.List;
import java.util.Map;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.eclipse.microprofile.config.Config;

import io.nextbestoffer.Channels;
import io.smallrye.common.annotation.Identifier;
import io.smallrye.reactive.messaging.ClientCustomizer;

/** Makes the consumers of the exactly-once stages stamp their polls with the assignment. */
@ApplicationScoped
class PollStampInterceptor implements ClientCustomizer<Map<String, Object>> {

    private final Instance<Assignments> assignments;

    PollStampInterceptor(@Any Instance<Assignments> assignments) {
        this.assignments = assignments;
    }

    @Override
    public Map<String, Object> customize(String channel, Config channelConfig, Map<String, Object> configuration) {
        var tracked = assignments.select(Identifier.Literal.of(channel));
        if (tracked.isResolvable()) {
            for (String property : List.of("concurrency", "partitions")) {
                if (channelConfig.getOptionalValue(property, Integer.class).orElse(1) > 1) {
                    throw new IllegalArgumentException("mp.messaging.incoming." + channel + "." + property
                            + " must be 1: run more replicas instead");
                }
            }
            configuration.put(ConsumerConfig.INTERCEPTOR_CLASSES_CONFIG, Assignments.Stamp.class.getName());
            configuration.put(Assignments.CONFIG_KEY, tracked.get());
        }
        return configuration;
    }

    // SmallRye finds a channel's rebalance listener by the identifier in its configuration: the channel's name

    @Produces
    @Singleton
    @Identifier(Channels.CUSTOMER_CHANGES)
    Assignments customerChanges() {
        return new Assignments();
    }

    @Produces
    @Singleton
    @Identifier(Channels.ACTIVITIES)
    Assignments activities() {
        return new Assignments();
    }

    @Produces
    @Singleton
    @Identifier(Channels.DECISION_TRACES)
    Assignments decisionTraces() {
        return new Assignments();
    }
}
