package io.nextbestoffer.maintenance;

import java.net.URI;
import java.util.Map;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.core.Response;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.job.JobRequest;
import io.nextbestoffer.job.JobRunner;
import io.nextbestoffer.platform.Problems;
import io.nextbestoffer.platform.security.CurrentActor;
import io.smallrye.mutiny.Uni;

/** Starts maintenance jobs on behalf of the caller. */
@ApplicationScoped
class MaintenanceStarter {

    private final JobRunner runner;
    private final ParameterJson json;
    private final CurrentActor currentActor;

    MaintenanceStarter(JobRunner runner, ParameterJson json, CurrentActor currentActor) {
        this.runner = runner;
        this.json = json;
        this.currentActor = currentActor;
    }

    Uni<Response> start(MaintenanceJob kind) {
        return start(kind, null, Map.of());
    }

    /**
     * @param topic the topic that the job works on; null if there is none in particular
     * @param parameters a record that Jackson can write and read
     * @return 202 with the job; fails with a problem if another one of the kind is active
     */
    Uni<Response> start(MaintenanceJob kind, @Nullable String topic, Object parameters) {
        return runner.start(new JobRequest(kind, topic, json.text(parameters), null), currentActor.find()).map(job -> {
            if (job == null) {
                throw Problems.problem(409, "operation-running", "Operation already running",
                        "Another operation " + kind.name() + " is active: see GET /operations.").build();
            }
            return Response.accepted(job).location(URI.create("/operations/" + job.id())).build();
        });
    }
}
