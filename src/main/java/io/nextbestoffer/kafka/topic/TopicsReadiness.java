package io.nextbestoffer.kafka.topic;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;

import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.Startup;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.Cancellable;

/**
 * Whether all topics are there. A topic that is missing is the commonest mistake of a first start: it is named. One that
 * is otherwise than it should be is a warning: activities are decided all the same, and who restarted for it would lose
 * more.
 */
@Startup
@Singleton
@Readiness
class TopicsReadiness implements HealthCheck {

    private static final Logger LOG = Logger.getLogger(TopicsReadiness.class);
    private static final Duration POLL_INTERVAL = Duration.ofSeconds(2);
    /** Once they are all there, stages notice themselves if one goes. Somebody may repair what was found. */
    private static final Duration LOOK_AGAIN = Duration.ofMinutes(5);

    private final boolean managed;
    private final @Nullable Cancellable looking;
    private volatile TopicCheck.@Nullable Result seen;
    private volatile @Nullable String failure;

    TopicsReadiness(TopicCheck check, TopicConfig config, MeterRegistry metrics) {
        managed = config.management() != TopicConfig.Management.NONE;
        Gauge.builder("nbo.topic.findings", this, self -> self.findings().size())
                .description("Settings of topics that are not as they should be").register(metrics);
        looking = managed ? look(check).subscribe().with(done -> {
        }) : null;
    }

    private Uni<Void> look(TopicCheck check) {
        return Uni.createFrom().deferred(check::look).invoke(this::seen)
                .onFailure().invoke(this::notAnswered)
                .onFailure().recoverWithNull()
                .onItem().delayIt().until(done -> Uni.createFrom().voidItem().onItem().delayIt()
                        .by(isComplete() ? LOOK_AGAIN : POLL_INTERVAL))
                .repeat().indefinitely().collect().last().replaceWithVoid();
    }

    /** A certificate that is not trusted, a wrong password, nobody there: not the same as topics that are missing. */
    private void notAnswered(Throwable cause) {
        String kind = cause.getClass().getSimpleName();
        if (!kind.equals(failure)) {
            LOG.warnf("Kafka could not be asked for its topics: %s", kind);
            LOG.debug("topics", cause);
        }
        failure = kind;
    }

    private void seen(TopicCheck.Result result) {
        failure = null;
        TopicCheck.Result before = seen;
        if (!result.missing().isEmpty() && (before == null || !result.missing().equals(before.missing()))) {
            LOG.warnf("topics are missing: %s", text(result.missing()));
        }
        if (before == null || !result.findings().equals(before.findings())) {
            result.findings().forEach(finding -> LOG.warnf("topic %s", finding));
        }
        seen = result;
    }

    private static String text(Map<String, String> missing) {
        return missing.entrySet().stream().map(one -> one.getKey() + " " + one.getValue())
                .collect(Collectors.joining("; "));
    }

    private boolean isComplete() {
        TopicCheck.Result result = seen;
        return result != null && result.missing().isEmpty();
    }

    private List<RequiredTopic.Finding> findings() {
        TopicCheck.Result result = seen;
        return result == null ? List.of() : result.findings();
    }

    @Override
    public HealthCheckResponse call() {
        TopicCheck.Result result = seen;
        var response = HealthCheckResponse.named("topics").status(!managed || isComplete());
        String notAsked = failure;
        if (managed && result == null) {
            response.withData("obstacle",
                    notAsked == null ? "Kafka has not told yet" : "Kafka could not be asked: " + notAsked);
        } else if (result != null && !result.missing().isEmpty()) {
            response.withData("missing", text(result.missing()));
        }
        if (!findings().isEmpty()) {
            response.withData("findings",
                    findings().stream().map(Object::toString).collect(Collectors.joining("; ")));
        }
        return response.build();
    }

    @PreDestroy
    void close() {
        if (looking != null) {
            looking.cancel();
        }
    }
}
