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

import io.nextbestoffer.platform.Roles;
import io.nextbestoffer.platform.security.Actor;
import io.smallrye.mutiny.Uni;

/** Starts jobs that repair the tables that this service derives from its topics. */
@Path("/operations")
@Produces(MediaType.APPLICATION_JSON)
@RolesAllowed(Roles.OPERATOR)
@Tag(name = "Operations")
class RepairResource {

    static final String STARTED = "The operation is started; `Location` is its address";

    private final MaintenanceStarter starter;
    private final LatestOfferRebuild rebuild;
    private final CustomerTopicReplayJob customerReplay;

    RepairResource(MaintenanceStarter starter, LatestOfferRebuild rebuild, CustomerTopicReplayJob customerReplay) {
        this.starter = starter;
        this.rebuild = rebuild;
        this.customerReplay = customerReplay;
    }

    @POST
    @Path("/latest-offers/rebuild")
    @Parameter(name = Actor.HEADER, in = ParameterIn.HEADER, description = Actor.DESCRIPTION,
            schema = @Schema(implementation = String.class))
    @Operation(summary = "Rebuilds the latest offers from the topic of offers, as far back as the topic goes",
            description = "Stored offers that are newer stay. Customers who are unknown or deleted get none."
                    + " Activities are decided meanwhile.")
    @APIResponse(responseCode = "202", description = STARTED)
    @APIResponse(responseCode = "409", description = "`operation-running`: a rebuild is active")
    public Uni<Response> rebuild() {
        return starter.start(rebuild);
    }

    @POST
    @Path("/customers/reread")
    @Parameter(name = Actor.HEADER, in = ParameterIn.HEADER, description = Actor.DESCRIPTION,
            schema = @Schema(implementation = String.class))
    @Operation(summary = "Reads all changes of customers again and repairs the profiles that differ from them",
            description = "For a database that is older than the offsets of its consumer group. Stored profiles that"
                    + " are newer stay. Activities are decided meanwhile.")
    @APIResponse(responseCode = "202", description = STARTED)
    @APIResponse(responseCode = "409", description = "`operation-running`: the changes are being read")
    public Uni<Response> reread() {
        return starter.start(customerReplay);
    }
}
