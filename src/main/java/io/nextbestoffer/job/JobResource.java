package io.nextbestoffer.job;

import java.util.List;
import java.util.UUID;

import jakarta.annotation.security.RolesAllowed;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.Pattern;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;

import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

import io.nextbestoffer.platform.Problems;
import io.nextbestoffer.platform.Roles;
import io.quarkiverse.resteasy.problem.HttpProblem;
import io.smallrye.mutiny.Uni;

@Path("/operations")
@Produces(MediaType.APPLICATION_JSON)
@RolesAllowed(Roles.OPERATOR)
@Tag(name = "Operations")
class JobResource {

    private final Jobs operations;

    JobResource(Jobs operations) {
        this.operations = operations;
    }

    @GET
    @Operation(summary = "The operations of the last 90 days, the newest first; of any replica")
    public Uni<List<Job>> list(
            @QueryParam("limit") @DefaultValue("20") @Min(1) @Max(1000) int limit) {
        return operations.newest(limit);
    }

    @GET
    @Path("/{id}")
    @Operation(summary = "How far an operation is, and what came out of it; on any replica")
    @APIResponse(responseCode = "404", description = "There is none")
    public Uni<Job> operation(
            @PathParam("id") @Pattern(regexp = Problems.UUID, message = "must be a UUID") String id) {
        return operations.find(UUID.fromString(id)).onItem().ifNull().failWith(() -> unknown(id));
    }

    @DELETE
    @Path("/{id}")
    @Operation(summary = "Cancels an operation after its current step; one that is over stays as it is",
            description = "What it has done stays done; it can be started again.")
    @APIResponse(responseCode = "204", description = "It ends within seconds")
    @APIResponse(responseCode = "404", description = "There is none")
    public Uni<Void> cancel(
            @PathParam("id") @Pattern(regexp = Problems.UUID, message = "must be a UUID") String id) {
        return operations.cancel(UUID.fromString(id)).map(found -> {
            if (!found) {
                throw unknown(id);
            }
            return null;
        });
    }

    private static HttpProblem unknown(String id) {
        return Problems.notFound("operation-unknown", "Unknown operation", "There is no operation " + id + ".");
    }
}
