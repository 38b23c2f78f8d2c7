package io.nextbestoffer.history;

import java.util.UUID;

import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;

import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonRawValue;

import io.nextbestoffer.explanation.DecisionExplainer;
import io.nextbestoffer.explanation.ExplanationJson;
import io.nextbestoffer.platform.Problems;
import io.nextbestoffer.platform.Roles;
import io.nextbestoffer.platform.http.ValidUuid;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.smallrye.mutiny.Uni;

@Path("/decisions/{id}")
@Tag(name = "Decisions")
@RolesAllowed(Roles.READER)
class DecisionResource {

    private static final String NOT_FOUND = "Not stored yet, deleted after the retention time, or erased "
            + "with its customer";

    private final DecisionLog log;
    private final DecisionExplainer explainer;

    DecisionResource(DecisionLog log, DecisionExplainer explainer) {
        this.log = log;
        this.explainer = explainer;
    }

    @GET
    @Operation(summary = "Returns a decision: the offer that was sent to Kafka, and the inputs of the decision")
    @APIResponse(responseCode = "404", description = NOT_FOUND)
    public Uni<Recorded> decision(
            @PathParam("id") @ValidUuid String id) {
        return find(id).map(logged -> new Recorded(logged.decision(), logged.inputs()));
    }

    @GET
    @Path("/explanation")
    @Operation(summary = "Explains a decision: its inputs, why each other offer was not chosen, and which changes would"
            + " have led to another offer")
    @APIResponse(responseCode = "404", description = NOT_FOUND)
    public Uni<ExplanationJson> explanation(
            @PathParam("id") @ValidUuid String id) {
        return find(id).chain(logged -> explainer.explain(logged.decision(), logged.inputs()));
    }

    private Uni<LoggedDecision> find(String id) {
        return log.find(UUID.fromString(id)).onItem().ifNull().failWith(() -> Problems.notFound("decision-unknown",
                "Unknown decision", "No decision " + id + " is stored. It may not be stored yet,"
                        + " be older than the retention time, or have been erased with its customer."));
    }

    /**
     * @param decision the offer that was sent to Kafka
     * @param inputs the attributes of the decision; absent if the offer contains them all
     */
    @RegisterForReflection
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Recorded(@JsonRawValue @Schema(implementation = Object.class) String decision,
            @JsonRawValue @Schema(implementation = Object.class) @Nullable String inputs) {
    }
}
