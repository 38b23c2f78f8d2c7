package io.nextbestoffer.maintenance;

import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;

import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.ParameterIn;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

import io.nextbestoffer.job.JobRunner;
import io.nextbestoffer.platform.Roles;
import io.nextbestoffer.platform.security.Actor;
import io.smallrye.mutiny.Uni;

/** Starts repairs of what this service stores. */
@Path("/operations")
@Produces(MediaType.APPLICATION_JSON)
@RolesAllowed(Roles.OPERATOR)
@Tag(name = "Operations")
class RepairResource {

    private final JobRunner operator;
    private final LatestOfferRebuild rebuild;
    private final CustomerTopicReplayTask rereading;

    RepairResource(JobRunner operator, LatestOfferRebuild rebuild, CustomerTopicReplayTask rereading) {
        this.operator = operator;
        this.rebuild = rebuild;
        this.rereading = rereading;
    }

    @POST
    @Path("/latest-offers/rebuild")
    @Parameter(name = Actor.HEADER, in = ParameterIn.HEADER, description = Actor.DESCRIPTION,
            schema = @Schema(implementation = String.class))
    @Operation(summary = "Makes the latest offers again from the topic of offers, as far back as that goes",
            description = "What is stored and later stays. Customers who are unknown or deleted get none. Deciding goes on.")
    @APIResponse(responseCode = "202", description = "It has begun; `Location` says where to look")
    @APIResponse(responseCode = "409", description = "One is running")
    public Uni<Response> rebuild() {
        return operator.start(LatestOfferRebuild.KIND, rebuild);
    }

    @POST
    @Path("/customers/reread")
    @Parameter(name = Actor.HEADER, in = ParameterIn.HEADER, description = Actor.DESCRIPTION,
            schema = @Schema(implementation = String.class))
    @Operation(summary = "Reads all changes of customers again and repairs the profiles that are not as they say",
            description = "For a database that is older than what its consumer group has read. A newer change that is stored stays. Deciding goes on.")
    @APIResponse(responseCode = "202", description = "It has begun; `Location` says where to look")
    @APIResponse(responseCode = "409", description = "One is running")
    public Uni<Response> reread() {
        return operator.start(CustomerTopicReplayTask.KIND, rereading);
    }
}
