package io.nextbestoffer.simulation;

import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;

import io.nextbestoffer.kafka.stage.KafkaStages;
import io.nextbestoffer.platform.Problems;
import io.nextbestoffer.simulation.report.SimulationReport;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.Startup;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.TimeoutException;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.Cancellable;

/** Runs simulations on threads of its own, a few at a time: the workers have to decide. */
@Startup
@ApplicationScoped
class Simulator {

    private static final Logger LOG = Logger.getLogger(Simulator.class);
    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    private final SimulationConfig config;
    private final Simulations simulations;
    private final ObjectMapper json;
    private final String instance;
    private final ThreadPoolExecutor threads;
    private final Map<UUID, RunningSimulation> jobs = new ConcurrentHashMap<>();
    private final AtomicInteger taken = new AtomicInteger();
    private final Cancellable beating;
    private final Cancellable deleting;

    Simulator(SimulationConfig config, Simulations simulations, ObjectMapper json, KafkaStages streams) {
        this.config = config;
        this.simulations = simulations;
        this.json = json;
        this.instance = streams.replicaName();
        threads = new ThreadPoolExecutor(config.parallel(), config.parallel(), 1, TimeUnit.MINUTES,
                new LinkedBlockingQueue<>(), Simulator::thread);
        threads.allowCoreThreadTimeOut(true);
        beating = Multi.createFrom().ticks().every(Duration.ofSeconds(1)).onOverflow().drop()
                .onItem().transformToUniAndConcatenate(tick -> beat())
                .subscribe().with(ignored -> {
                });
        deleting = Multi.createFrom().ticks().every(Duration.ofHours(1)).onOverflow().drop()
                .onItem().transformToUniAndConcatenate(tick -> simulations.deleteOlderThan(config.retention())
                        .onFailure().recoverWithItem(failure -> {
                            LOG.warnf("old simulations stay for now: %s", failure.getClass().getName());
                            return 0;
                        }))
                .subscribe().with(deleted -> LOG.debugf("%d old simulations deleted", deleted));
    }

    private static Thread thread(Runnable task) {
        var thread = new Thread(task, "simulation");
        thread.setDaemon(true);
        return thread;
    }

    /**
     * Takes it, to be run when it is its turn.
     *
     * @param by who asked for it; null if that is not told
     * @throws io.quarkiverse.resteasy.problem.HttpProblem if too many wait
     */
    Uni<UUID> take(CaseReplay run, SimulationRequest request, String strategy, @Nullable String by) {
        if (taken.incrementAndGet() > config.parallel() + config.queue()) {
            taken.decrementAndGet();
            throw Problems.problem(429, "too-many-simulations", "Too many simulations",
                    config.queue() + " simulations wait here already. Try again when some are done, or cancel some.")
                    .build();
        }
        var job = new RunningSimulation(UUID.randomUUID(), run, this::run);
        return simulations.create(job.id(), by, strategy, request.json(), instance)
                .onFailure().invoke(taken::decrementAndGet)
                // Who asked has gone: nobody knows its id
                .onCancellation().invoke(taken::decrementAndGet)
                .invoke(() -> {
                    jobs.put(job.id(), job);
                    threads.execute(job);
                })
                .replaceWith(job.id());
    }

    private void run(RunningSimulation job) {
        try {
            if (!job.isCancelled() && simulations.begin(job.id()).await().atMost(TIMEOUT)) {
                end(job).onFailure().retry().withBackOff(Duration.ofMillis(500)).atMost(3).await().atMost(TIMEOUT);
            }
        } catch (RuntimeException e) {
            // Nobody says any more that it is there: it will be told as lost
            LOG.warnf("a simulation was lost: %s", e.getClass().getName());
        } finally {
            leave(job);
        }
    }

    private void leave(RunningSimulation job) {
        jobs.remove(job.id());
        taken.decrementAndGet();
    }

    /** One that waits leaves at once, with its samples; one that runs, after its page. */
    private void cancel(RunningSimulation job) {
        job.cancel();
        if (threads.remove(job)) {
            leave(job);
        }
    }

    private Uni<Void> end(RunningSimulation job) {
        SimulationReport report;
        try {
            report = job.report();
        } catch (RuntimeException e) {
            LOG.warnf("a simulation failed: %s", e.getClass().getName());
            return simulations.failed(job.place(), problem(e));
        }
        return report == null ? Uni.createFrom().voidItem() : simulations.done(job.place(), text(report));
    }

    /** The message of an exception may quote values. */
    private static String problem(RuntimeException failure) {
        return failure instanceof TimeoutException
                ? "Postgres did not answer in time"
                : "stopped by " + failure.getClass().getSimpleName() + ": see the service's log";
    }

    private String text(SimulationReport report) {
        try {
            return json.writeValueAsString(report);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a report is plain records", e);
        }
    }

    /** Says which are there, and hears which are not to go on. */
    private Uni<Void> beat() {
        var mine = jobs.values().stream().toList();
        if (mine.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        return simulations.alive(mine.stream().map(RunningSimulation::place).toList())
                .invoke(alive -> mine.stream().filter(job -> !alive.contains(job.id())).forEach(this::cancel))
                .replaceWithVoid()
                .onFailure().recoverWithUni(failure -> {
                    LOG.warnf("how far simulations are is not known for now: %s", failure.getClass().getName());
                    return Uni.createFrom().voidItem();
                });
    }

    /** Before Quarkus closes Postgres, which then lets go those that wait for it. Nobody would go on with them. */
    void stop(@Observes ShutdownEvent event) {
        threads.shutdown();
        jobs.values().forEach(RunningSimulation::cancel);
        if (!jobs.isEmpty()) {
            try {
                simulations.lost(jobs.keySet()).await().atMost(Duration.ofSeconds(2));
            } catch (RuntimeException e) {
                LOG.debugf("it will be seen that simulations are lost: %s", e.getClass().getName());
            }
        }
    }

    @PreDestroy
    void close() {
        beating.cancel();
        deleting.cancel();
    }
}
