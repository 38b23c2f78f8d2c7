package io.nextbestoffer.job;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;

import io.nextbestoffer.kafka.stage.KafkaStages;
import io.nextbestoffer.platform.security.Actor;
import io.quarkus.arc.All;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.Startup;
import io.smallrye.mutiny.TimeoutException;
import io.smallrye.mutiny.Uni;

/**
 * Runs jobs, each on a thread of its own. Another thread sends the heartbeats of this replica's jobs, applies state
 * changes from Postgres to them, and claims jobs that can run.
 */
@Startup
@ApplicationScoped
public class JobRunner {

    private static final Logger LOG = Logger.getLogger(JobRunner.class);
    private static final Duration TICK = Duration.ofSeconds(1);
    private static final Duration COUNT_INTERVAL = Duration.ofSeconds(10);
    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(2);

    private final Jobs jobs;
    private final List<JobKind> kinds;
    private final Backlog backlog;
    private final ObjectMapper json;
    private final JobMetrics metrics;
    private final String replica;
    private final Map<UUID, HeldJob> held = new ConcurrentHashMap<>();
    private final ExecutorService tasks = Executors.newCachedThreadPool(task -> thread(task, "job"));
    private final ScheduledExecutorService loop = Executors
            .newSingleThreadScheduledExecutor(task -> thread(task, "jobs"));
    private volatile boolean closed;

    JobRunner(Jobs jobs, @All List<JobKind> kinds, Backlog backlog, ObjectMapper json, JobMetrics metrics,
            KafkaStages stages) {
        this.jobs = jobs;
        this.kinds = kinds;
        this.backlog = backlog;
        this.json = json;
        this.metrics = metrics;
        replica = stages.replicaName();
        repeat(TICK, "jobs get no heartbeat and are not claimed for now", this::tick);
        repeat(COUNT_INTERVAL, "jobs can't be counted for now",
                () -> metrics.set(jobs.count().await().atMost(TIMEOUT)));
        repeat(Duration.ofHours(1), "old jobs can't be deleted for now", this::deleteOld);
    }

    private static Thread thread(Runnable task, String name) {
        var thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }

    private void repeat(Duration interval, String failureMessage, Runnable step) {
        loop.scheduleWithFixedDelay(() -> attempt(failureMessage, step), interval.toMillis(), interval.toMillis(),
                TimeUnit.MILLISECONDS);
    }

    private void attempt(String failureMessage, Runnable step) {
        try {
            step.run();
        } catch (RuntimeException e) {
            if (!closed) {
                LOG.warnf("%s: %s", failureMessage, e.getClass().getName());
            }
        }
    }

    /**
     * Starts a job as soon as its kind has a free slot, on this replica or another.
     *
     * @param by the actor that starts it; null if unknown
     * @return null if the kind is exclusive and another job is active, or if too many are queued
     */
    public Uni<@Nullable Job> start(JobRequest request, @Nullable Actor by) {
        UUID id = UUID.randomUUID();
        JobKind kind = request.kind();
        int room = kind.queue() + Math.max(0, kind.parallel() - busy(kind));
        return jobs.insert(id, request, by == null ? null : by.name(), request.isRepeatable() ? null : replica, room)
                .chain(inserted -> {
                    if (!inserted) {
                        return Uni.createFrom().nullItem();
                    }
                    if (!request.isRepeatable()) {
                        held.put(id, new HeldJob(kind, request.task()));
                    }
                    return Uni.createFrom().completionStage(() -> claimSoon()).chain(() -> jobs.find(id));
                });
    }

    private CompletableFuture<Void> claimSoon() {
        return CompletableFuture.runAsync(() -> attempt("jobs are not claimed for now", this::claim), loop);
    }

    private void tick() {
        heartbeat();
        int lost = jobs.loseAbandoned().await().atMost(TIMEOUT);
        if (lost > 0) {
            LOG.warnf("%d jobs are lost with their replicas", lost);
        }
        claim();
    }

    private void heartbeat() {
        Map<UUID, HeldJob> mine = Map.copyOf(held);
        if (mine.isEmpty()) {
            return;
        }
        Map<UUID, JobState> states = jobs.heartbeat(replica, beats(mine)).await().atMost(TIMEOUT);
        mine.forEach((id, job) -> {
            job.follow(states.get(id));
            if (states.get(id) == null && !job.isStarted()) {
                held.remove(id, job);
            }
        });
    }

    private static List<Jobs.Beat> beats(Map<UUID, HeldJob> jobs) {
        return jobs.entrySet().stream()
                .map(job -> new Jobs.Beat(job.getKey(), job.getValue().attempt(), job.getValue().report())).toList();
    }

    /**
     * Claims jobs while a kind has a free slot. One statement covers all kinds, because idle replicas run it each
     * second.
     */
    private void claim() {
        while (!closed) {
            Map<String, JobKind> free = kinds.stream().filter(kind -> busy(kind) < kind.parallel() && kind.isReady())
                    .collect(Collectors.toMap(JobKind::name, kind -> kind));
            if (free.isEmpty()) {
                return;
            }
            Job job = jobs.claim(free.keySet(), replica, held.keySet()).await().atMost(TIMEOUT);
            if (job == null) {
                return;
            }
            run(free.get(job.kind()), job);
        }
    }

    private int busy(JobKind kind) {
        return (int) held.values().stream().filter(job -> job.kind().name().equals(kind.name()) && job.isBusy())
                .count();
    }

    private void run(JobKind kind, Job job) {
        HeldJob mine = held.get(job.id());
        if (mine != null && mine.isStarted() && mine.attempt() == job.attempt()) {
            LOG.infof("job %s %s continues", job.kind(), job.id());
            mine.follow(JobState.RUNNING);
            return;
        }
        HeldJob started = mine != null && !mine.isStarted() ? mine : new HeldJob(kind, null);
        var progress = new JobProgress(job, backlog.pacing());
        started.start(progress);
        held.put(job.id(), started);
        tasks.execute(() -> run(started, job, progress));
    }

    private void run(HeldJob mine, Job job, JobProgress progress) {
        LOG.infof("job %s %s starts, attempt %d", job.kind(), job.id(), job.attempt());
        try {
            String result = json.writeValueAsString(mine.task(job).run(progress));
            end(JobTransition.COMPLETE, job, progress, result, null);
        } catch (JobStoppedException e) {
            LOG.infof("job %s %s stopped", job.kind(), job.id());
        } catch (JobRefusedException e) {
            end(JobTransition.FAIL, job, progress, null, e.getMessage());
        } catch (JsonProcessingException | RuntimeException e) {
            // Messages of Kafka and Postgres can quote values
            LOG.warnf("job %s %s failed: %s", job.kind(), job.id(), e.getClass().getName());
            LOG.debug(job.kind(), e);
            end(JobTransition.FAIL, job, progress, null, problem(e));
        } finally {
            held.remove(job.id(), mine);
            if (!closed) {
                claimSoon();
            }
        }
    }

    private static String problem(Exception failure) {
        return failure instanceof TimeoutException
                ? "Postgres or Kafka did not answer in time; the job can be started again"
                : "failed with " + failure.getClass().getSimpleName()
                        + ", see the log of the replica; the job can be started again";
    }

    private void end(JobTransition transition, Job job, JobProgress progress, @Nullable String result,
            @Nullable String problem) {
        if (closed && transition == JobTransition.FAIL) {
            // Most likely caused by the shutdown: the job is released instead
            return;
        }
        try {
            boolean stored = jobs.end(transition, job.id(), job.attempt(), progress.report(), result, problem)
                    .onFailure().retry().withBackOff(Duration.ofMillis(200)).atMost(5).await().atMost(TIMEOUT);
            LOG.infof("job %s %s is %s%s", job.kind(), job.id(), transition.to().text(),
                    stored ? "" : ", but was cancelled or taken over before");
        } catch (RuntimeException e) {
            LOG.warnf("the end of job %s %s could not be stored: %s", job.kind(), job.id(), e.getClass().getName());
        }
    }

    private void deleteOld() {
        for (JobKind kind : kinds) {
            int deleted = jobs.deleteOlderThan(kind.retention(), kind.name()).await().atMost(TIMEOUT);
            LOG.debugf("deleted %d old jobs of kind %s", deleted, kind.name());
        }
    }

    /**
     * Releases this replica's jobs, so that other replicas can continue them at once. It runs before Quarkus closes the
     * connections to Postgres.
     */
    void stop(@Observes ShutdownEvent event) {
        closed = true;
        loop.shutdown();
        Map<UUID, HeldJob> mine = Map.copyOf(held);
        mine.values().forEach(job -> job.follow(null));
        tasks.shutdown();
        if (mine.isEmpty()) {
            return;
        }
        try {
            tasks.awaitTermination(STOP_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
            jobs.heartbeat(replica, beats(mine)).chain(() -> jobs.release(replica, mine.keySet()))
                    .await().atMost(STOP_TIMEOUT);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.warnf("jobs could not be released, and are taken over later: %s", e.getClass().getName());
        }
    }
}
