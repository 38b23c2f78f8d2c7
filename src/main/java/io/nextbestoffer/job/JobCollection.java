package io.nextbestoffer.job;

import java.util.List;
import java.util.UUID;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.platform.Problems;
import io.nextbestoffer.platform.security.Actor;
import io.quarkiverse.resteasy.problem.HttpProblem;
import io.smallrye.mutiny.Uni;

/** The jobs of some kinds, for a REST resource that shows and changes them. Failures are problem details (RFC 9457). */
public final class JobCollection {

    private final Jobs jobs;
    private final String noun;
    private final List<String> kinds;

    JobCollection(Jobs jobs, String noun, List<String> kinds) {
        this.jobs = jobs;
        this.noun = noun;
        this.kinds = kinds;
    }

    /**
     * @param before only jobs created before this one; null: the newest
     * @param details whether to include parameters and results
     * @return the newest first
     */
    public Uni<List<Job>> page(@Nullable UUID before, int limit, boolean details) {
        return jobs.page(kinds, before, limit, details);
    }

    public Uni<Job> find(UUID id) {
        return jobs.find(id).onItem().transform(job -> {
            if (job == null || !kinds.contains(job.kind())) {
                throw unknown(id);
            }
            return job;
        });
    }

    /**
     * Pauses a job; does nothing if it is paused already, and fails with a 409 if it is over.
     *
     * @param by the actor that pauses it; null if unknown
     */
    public Uni<Job> pause(UUID id, @Nullable Actor by) {
        return find(id).chain(() -> jobs.pause(id, name(by))).chain(() -> find(id))
                .invoke(job -> require(job.state() == JobState.PAUSED, job));
    }

    /**
     * Resumes a paused job; does nothing if it is queued or running, and fails with a 409 if it is over.
     *
     * @param by the actor that resumes it; null if unknown
     */
    public Uni<Job> resume(UUID id, @Nullable Actor by) {
        return find(id).chain(() -> jobs.resume(id, name(by))).chain(() -> find(id))
                .invoke(job -> require(job.state().isActive(), job));
    }

    /**
     * Cancels a job; does nothing if it is over.
     *
     * @param by the actor that cancels it; null if unknown
     */
    public Uni<Void> cancel(UUID id, @Nullable Actor by) {
        return find(id).chain(() -> jobs.cancel(id, name(by))).replaceWithVoid();
    }

    private static @Nullable String name(@Nullable Actor actor) {
        return actor == null ? null : actor.name();
    }

    private void require(boolean condition, Job job) {
        if (!condition) {
            throw Problems.problem(409, noun + "-over", "The " + noun + " is over",
                    "The " + noun + " " + job.id() + " is " + job.state().text() + ".").build();
        }
    }

    private HttpProblem unknown(UUID id) {
        return Problems.notFound(noun + "-unknown", "Unknown " + noun,
                "There is no " + noun + " " + id + ", or it is older than the retention time.");
    }
}
