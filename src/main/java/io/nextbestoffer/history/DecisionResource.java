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

    private final DecisionLog traces;
    private final DecisionExplainer explanations;

    DecisionResource(DecisionLog traces, DecisionExplainer explanations) {
        this.traces = traces;
        this.explanations = explanations;
    }

    @GET
    @Operation(summary = "A decision as it went out to Kafka, and what it was decided from")
    @APIResponse(responseCode = "404", description = NOT_FOUND)
    public Uni<Recorded> decision(
            @PathParam("id") @ValidUuid String id) {
        return find(id).map(trace -> new Recorded(trace.decision(), trace.inputs()));
    }

    @GET
    @Path("/explanation")
    @Operation(
            summary = "Why this decision: what it was decided from, where each other offer stopped, and what would have changed it")
    @APIResponse(responseCode = "404", description = NOT_FOUND)
    public Uni<ExplanationJson> explanation(
            @PathParam("id") @ValidUuid String id) {
        return find(id).chain(trace -> explanations.explain(trace.decision(), trace.inputs()));
    }

    private Uni<LoggedDecision> find(String id) {
        return traces.find(UUID.fromString(id)).onItem().ifNull().failWith(() -> Problems.notFound("decision-unknown",
                "Unknown decision", "No decision " + id
                        + " is stored: it may not be stored yet, be older than what is kept, or its customer was erased."));
    }

    /**
     * @param decision as it went out
     * @param inputs the attributes it was decided from; absent if the decision has them all
     */
    @RegisterForReflection
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Recorded(@JsonRawValue @Schema(implementation = Object.class) String decision,
            @JsonRawValue @Schema(implementation = Object.class) @Nullable String inputs) {
    }
}
