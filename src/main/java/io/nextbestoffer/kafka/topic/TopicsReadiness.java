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
 * Reports whether all required topics exist. A missing topic is the most common mistake of a first start, so the
 * response names it. A topic with wrong settings is only a warning: activities are decided all the same.
 */
@Startup
@Singleton
@Readiness
class TopicsReadiness implements HealthCheck {

    private static final Logger LOG = Logger.getLogger(TopicsReadiness.class);
    private static final Duration POLL_INTERVAL = Duration.ofSeconds(2);
    /** Longer, because once all topics exist, a check only finds changes of settings. */
    private static final Duration RECHECK_INTERVAL = Duration.ofMinutes(5);

    private final boolean managed;
    private final @Nullable Cancellable checking;
    private volatile TopicCheck.@Nullable Result latest;
    private volatile @Nullable String failure;

    TopicsReadiness(TopicCheck check, TopicConfig config, MeterRegistry metrics) {
        managed = config.management() != TopicConfig.Management.NONE;
        Gauge.builder("nbo.topic.findings", this, self -> self.findings().size())
                .description("Topic settings that are not as required").register(metrics);
        checking = managed ? repeat(check).subscribe().with(done -> {
        }) : null;
    }

    private Uni<Void> repeat(TopicCheck check) {
        return Uni.createFrom().deferred(check::check).invoke(this::completed)
                .onFailure().invoke(this::failed)
                .onFailure().recoverWithNull()
                .onItem().delayIt().until(done -> Uni.createFrom().voidItem().onItem().delayIt()
                        .by(isComplete() ? RECHECK_INTERVAL : POLL_INTERVAL))
                .repeat().indefinitely().collect().last().replaceWithVoid();
    }

    /**
     * Reports a failed check, for example an untrusted certificate, a wrong password or no broker at all, apart from
     * missing topics.
     */
    private void failed(Throwable cause) {
        String kind = cause.getClass().getSimpleName();
        if (!kind.equals(failure)) {
            LOG.warnf("no connection to Kafka: %s", kind);
            LOG.debug("topics", cause);
        }
        failure = kind;
    }

    private void completed(TopicCheck.Result result) {
        failure = null;
        TopicCheck.Result before = latest;
        if (!result.missing().isEmpty() && (before == null || !result.missing().equals(before.missing()))) {
            LOG.warnf("topics are missing: %s", text(result.missing()));
        }
        if (before == null || !result.findings().equals(before.findings())) {
            result.findings().forEach(finding -> LOG.warnf("topic %s", finding));
        }
        latest = result;
    }

    private static String text(Map<String, String> missing) {
        return missing.entrySet().stream().map(one -> one.getKey() + " " + one.getValue())
                .collect(Collectors.joining("; "));
    }

    private boolean isComplete() {
        TopicCheck.Result result = latest;
        return result != null && result.missing().isEmpty();
    }

    private List<RequiredTopic.Finding> findings() {
        TopicCheck.Result result = latest;
        return result == null ? List.of() : result.findings();
    }

    @Override
    public HealthCheckResponse call() {
        TopicCheck.Result result = latest;
        var response = HealthCheckResponse.named("topics").status(!managed || isComplete());
        String lastFailure = failure;
        if (managed && result == null) {
            response.withData("obstacle",
                    lastFailure == null
                            ? "the topics have not been checked yet"
                            : "no connection to Kafka: " + lastFailure);
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
        if (checking != null) {
            checking.cancel();
        }
    }
}
