package io.nextbestoffer.operation;

import java.util.List;
import java.util.UUID;

import jakarta.annotation.security.RolesAllowed;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.Pattern;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;

import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.ParameterIn;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

import io.nextbestoffer.platform.Problems;
import io.nextbestoffer.platform.Roles;
import io.nextbestoffer.security.Actor;
import io.quarkiverse.resteasy.problem.HttpProblem;
import io.smallrye.mutiny.Uni;

@Path("/operations")
@Produces(MediaType.APPLICATION_JSON)
@RolesAllowed(Roles.OPERATOR)
@Tag(name = "Operations")
class OperationResource {

    private final Operations operations;
    private final Operator operator;
    private final LatestOfferRebuild rebuild;
    private final CustomerRereading rereading;

    OperationResource(Operations operations, Operator operator, LatestOfferRebuild rebuild,
            CustomerRereading rereading) {
        this.operations = operations;
        this.operator = operator;
        this.rebuild = rebuild;
        this.rereading = rereading;
    }

    @POST
    @Path("/latest-offers/rebuild")
    @Parameter(name = Actor.HEADER, in = ParameterIn.HEADER, description = Actor.DESCRIPTION, schema = @Schema(implementation = String.class))
    @Operation(summary = "Makes the latest offers again from the topic of offers, as far back as that goes", description = "What is stored and later stays. Customers who are unknown or deleted get none. Deciding goes on.")
    @APIResponse(responseCode = "202", description = "It has begun; `Location` says where to look")
    @APIResponse(responseCode = "409", description = "One is running")
    public Uni<Response> rebuild() {
        return operator.start(LatestOfferRebuild.KIND, rebuild);
    }

    @POST
    @Path("/customers/reread")
    @Parameter(name = Actor.HEADER, in = ParameterIn.HEADER, description = Actor.DESCRIPTION, schema = @Schema(implementation = String.class))
    @Operation(summary = "Reads all changes of customers again and repairs the profiles that are not as they say", description = "For a database that is older than what its consumer group has read. A newer change that is stored stays. Deciding goes on.")
    @APIResponse(responseCode = "202", description = "It has begun; `Location` says where to look")
    @APIResponse(responseCode = "409", description = "One is running")
    public Uni<Response> reread() {
        return operator.start(CustomerRereading.KIND, rereading);
    }

    @GET
    @Operation(summary = "The operations of the last 90 days, the newest first; of any replica")
    public Uni<List<io.nextbestoffer.operation.Operation>> list(
            @QueryParam("limit") @DefaultValue("20") @Min(1) @Max(1000) int limit) {
        return operations.newest(limit);
    }

    @GET
    @Path("/{id}")
    @Operation(summary = "How far an operation is, and what came out of it; on any replica")
    @APIResponse(responseCode = "404", description = "There is none")
    public Uni<io.nextbestoffer.operation.Operation> operation(
            @PathParam("id") @Pattern(regexp = Problems.UUID, message = "must be a UUID") String id) {
        return operations.find(UUID.fromString(id)).onItem().ifNull().failWith(() -> unknown(id));
    }

    @DELETE
    @Path("/{id}")
    @Operation(summary = "Cancels an operation after its current step; one that is over stays as it is", description = "What it has done stays done; it can be started again.")
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
