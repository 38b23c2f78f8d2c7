package io.nextbestoffer.job;

import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.ws.rs.core.Response;

import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;

import io.nextbestoffer.kafka.stage.KafkaStages;
import io.nextbestoffer.platform.Problems;
import io.nextbestoffer.platform.security.Actor;
import io.nextbestoffer.platform.security.CurrentActor;
import io.quarkus.runtime.ShutdownEvent;
import io.smallrye.mutiny.Uni;

/** Runs operations, each on a thread of its own, with rests while activities wait. */
@ApplicationScoped
public class JobRunner {

    private static final Logger LOG = Logger.getLogger(JobRunner.class);
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    private final Jobs operations;
    private final CurrentActor currentActor;
    private final Backlog backlog;
    private final ObjectMapper json;
    private final String instance;
    private final ExecutorService threads = Executors.newCachedThreadPool(JobRunner::thread);
    private volatile boolean closed;

    JobRunner(Jobs operations, CurrentActor currentActor, Backlog backlog, ObjectMapper json,
            KafkaStages streams) {
        this.operations = operations;
        this.currentActor = currentActor;
        this.backlog = backlog;
        this.json = json;
        instance = streams.replicaName();
    }

    private static Thread thread(Runnable task) {
        var thread = new Thread(task, "operation");
        thread.setDaemon(true);
        return thread;
    }

    /**
     * Begins it in the name of who makes the request, and answers 202 with it.
     *
     * @return fails with a problem if one of the kind is running
     */
    public Uni<Response> start(String kind, JobTask work) {
        UUID id = UUID.randomUUID();
        Actor actor = currentActor.find();
        return operations.begin(id, kind, actor == null ? null : actor.name(), instance).invoke(begun -> {
            if (!begun) {
                throw Problems.problem(409, "operation-running", "One is running",
                        "An operation " + kind + " is running already: GET /operations says which.").build();
            }
            threads.execute(() -> run(id, kind, work));
        }).chain(() -> operations.find(id))
                .map(operation -> Response.accepted(operation).location(URI.create("/operations/" + id)).build());
    }

    private void run(UUID id, String kind, JobTask work) {
        var progress = new JobProgress(id, operations, backlog.pacing(), () -> closed);
        LOG.infof("operation %s %s begins", kind, id);
        try {
            Map<String, Object> result = work.run(progress);
            LOG.infof("operation %s %s is done: %s", kind, id, result);
            end(progress, "done", json.writeValueAsString(result), null);
        } catch (JobProgress.JobStoppedException e) {
            LOG.infof("operation %s %s was stopped", kind, id);
            // Cancelled: then this changes nothing
            end(progress, "lost", null, null);
        } catch (JobTask.JobRefusedException e) {
            LOG.warnf("operation %s %s failed: %s", kind, id, e.getMessage());
            end(progress, "failed", null, e.getMessage());
        } catch (JsonProcessingException | RuntimeException e) {
            // Messages of Kafka and Postgres can quote values
            LOG.warnf("operation %s %s failed: %s", kind, id, e.getClass().getName());
            LOG.debug(kind, e);
            end(progress, "failed", null, "stopped by " + e.getClass().getSimpleName()
                    + "; it can be started again, and repeats what is done already without harm");
        }
    }

    private void end(JobProgress progress, String state, @Nullable String result, @Nullable String problem) {
        try {
            operations.end(progress.id(), state, progress.done(), progress.total(), result, problem)
                    .onFailure().retry().withBackOff(Duration.ofMillis(200)).atMost(closed ? 1 : 5)
                    .await().atMost(closed ? Duration.ofSeconds(2) : TIMEOUT);
        } catch (RuntimeException e) {
            LOG.warnf("that operation %s ended could not be stored; it will be told as lost", progress.id());
        }
    }

    /** Before Quarkus closes Postgres. Nobody would go on with them. */
    void stop(@Observes ShutdownEvent event) {
        closed = true;
        threads.shutdown();
        try {
            threads.awaitTermination(3, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
