package io.nextbestoffer.stream;

import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;

import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;

import org.apache.kafka.clients.admin.Admin;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

import io.quarkus.runtime.Startup;
import io.smallrye.mutiny.subscription.Cancellable;

/** Whether all topics are there. A topic that is missing is the commonest mistake of a first start: it is named. */
@Startup
@Singleton
@Readiness
class TopicsReadiness implements HealthCheck {

    private static final Logger LOG = Logger.getLogger(TopicsReadiness.class);
    private static final Duration LOOK = Duration.ofSeconds(2);

    private final Set<String> needed;
    private final Cancellable looking;
    private volatile Set<String> missing;
    private volatile @Nullable String failure;

    TopicsReadiness(Admin admin, TopicConfig topics, StreamConfig config,
            @ConfigProperty(name = "nbo.traces.enabled", defaultValue = "true") boolean traces,
            @ConfigProperty(name = "nbo.traces.store", defaultValue = "true") boolean storesTraces) {
        String deadLetter = config.deadLetterSuffix();
        needed = new TreeSet<>(Set.of(topics.activities(), topics.customers(), topics.offers(),
                topics.activities() + deadLetter, topics.customers() + deadLetter));
        if (traces || storesTraces) {
            needed.add(topics.traces());
        }
        if (storesTraces) {
            needed.add(topics.traces() + deadLetter);
        }
        missing = needed;
        looking = KafkaFutures.uni(() -> admin.listTopics().names())
                .invoke(this::seen)
                .onFailure().invoke(this::notAnswered)
                .onFailure().recoverWithItem(Set.of())
                // Once they are all there, stages notice themselves if one goes
                .repeat().withDelay(LOOK).until(names -> missing.isEmpty())
                .subscribe().with(names -> {
                });
    }

    /** A certificate that is not trusted, a wrong password, nobody there: not the same as topics that are missing. */
    private void notAnswered(Throwable cause) {
        String kind = cause.getClass().getSimpleName();
        if (!kind.equals(failure)) {
            LOG.warnf("Kafka could not be asked for its topics: %s", kind);
        }
        failure = kind;
    }

    private void seen(Set<String> names) {
        failure = null;
        var absent = new TreeSet<>(needed);
        absent.removeAll(names);
        if (!absent.isEmpty() && !absent.equals(missing)) {
            LOG.warnf("topics that do not exist, or may not be seen: %s", absent);
        }
        missing = absent;
    }

    @Override
    public HealthCheckResponse call() {
        var response = HealthCheckResponse.named("topics").status(missing.isEmpty());
        String notAsked = failure;
        if (notAsked != null && !missing.isEmpty()) {
            return response.withData("obstacle", "Kafka could not be asked: " + notAsked).build();
        }
        return (missing.isEmpty() ? response : response.withData("missing", String.join(", ", new TreeSet<>(missing))))
                .build();
    }

    @PreDestroy
    void close() {
        looking.cancel();
    }
}
