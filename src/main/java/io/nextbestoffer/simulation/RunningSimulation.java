package io.nextbestoffer.simulation;

import java.util.UUID;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.simulation.report.SimulationReport;

/** A simulation that this replica has taken. What others see of it is told by one thread and heard by another. */
final class RunningSimulation implements CaseReplay.Progress, Runnable {

    private final UUID id;
    private final CaseReplay run;
    private final Consumer<RunningSimulation> turn;
    private volatile long done;
    private volatile @Nullable Long total;
    private volatile boolean cancelled;

    /** @param turn called when it is its turn */
    RunningSimulation(UUID id, CaseReplay run, Consumer<RunningSimulation> turn) {
        this.id = id;
        this.run = run;
        this.turn = turn;
    }

    UUID id() {
        return id;
    }

    @Override
    public void run() {
        turn.accept(this);
    }

    /** @return null if it was cancelled */
    @Nullable
    SimulationReport report() {
        return run.report(this);
    }

    Simulations.Place place() {
        return new Simulations.Place(id, done, total);
    }

    void cancel() {
        cancelled = true;
    }

    boolean isCancelled() {
        return cancelled;
    }

    @Override
    public boolean done(long sofar, @Nullable Long all) {
        done = sofar;
        total = all;
        return !cancelled;
    }
}
