package io.nextbestoffer.simulation;

import java.time.Duration;

import jakarta.enterprise.context.ApplicationScoped;

import io.nextbestoffer.attribute.JsonReader;
import io.nextbestoffer.governance.Snapshots;
import io.nextbestoffer.job.Job;
import io.nextbestoffer.job.JobKind;
import io.nextbestoffer.job.JobRefusedException;
import io.nextbestoffer.job.JobTask;
import io.quarkiverse.resteasy.problem.HttpProblem;

/**
 * Runs simulations. Any replica can repeat those over recorded decisions, but not those over samples, which are not
 * stored.
 */
@ApplicationScoped
class SimulationJob implements JobKind {

    static final String NAME = "simulation";

    private final SimulationConfig config;
    private final Snapshots snapshots;
    private final CaseReplayFactory replays;

    SimulationJob(SimulationConfig config, Snapshots snapshots, CaseReplayFactory replays) {
        this.config = config;
        this.snapshots = snapshots;
        this.replays = replays;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public boolean isExclusive() {
        return false;
    }

    @Override
    public int parallel() {
        return config.parallel();
    }

    @Override
    public int queue() {
        return config.queue();
    }

    @Override
    public Duration retention() {
        return config.retention();
    }

    @Override
    public boolean isReady() {
        return snapshots.current() != null;
    }

    /** Creates the replay from the stored request. Strategies and the catalog may have changed since the start. */
    @Override
    public JobTask task(Job job) {
        SimulationRequest request = SimulationRequestReader.read(JsonReader.utf8(String.valueOf(job.parameters())));
        try {
            return replays.create(request, job.createdAt())::report;
        } catch (HttpProblem e) {
            throw new JobRefusedException(e.getDetail());
        }
    }
}
