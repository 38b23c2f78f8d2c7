package io.nextbestoffer.governance;

import java.time.Instant;

import jakarta.annotation.security.RolesAllowed;
import jakarta.validation.constraints.Min;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;

import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.ParameterIn;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

import com.fasterxml.jackson.annotation.JsonProperty;

import io.nextbestoffer.governance.StrategyLifecycle.ActivatedVersion;
import io.nextbestoffer.platform.Roles;
import io.nextbestoffer.platform.security.Actor;
import io.nextbestoffer.platform.security.CurrentActor;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.smallrye.mutiny.Uni;

/** Reads, approves, activates, rolls back and discards versions of a strategy. */
@Path("/strategies")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = StrategyResource.TAG)
@RolesAllowed({Roles.READER, Roles.MARKETER, Roles.APPROVER})
class StrategyVersionResource {

    private final VersionLookup lookup;
    private final StrategyLifecycle lifecycle;
    private final CurrentActor actor;

    StrategyVersionResource(VersionLookup lookup, StrategyLifecycle lifecycle, CurrentActor actor) {
        this.lookup = lookup;
        this.lifecycle = lifecycle;
        this.actor = actor;
    }

    @GET
    @Path("/{name}/versions/{version}")
    @Operation(summary = "A version with its document, and the findings of checks against the current catalog")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = VersionJson.class)))
    @APIResponse(responseCode = "404", description = NotFoundProblems.VERSION)
    public Uni<VersionJson> version(@PathParam("name") @ValidStrategyName String name,
            @PathParam("version") @Min(1) int version) {
        return lookup.describe(new VersionRef(name, version));
    }

    @GET
    @Path("/{name}/versions/{version}/document")
    @Produces({StrategyResource.YAML, MediaType.APPLICATION_JSON})
    @Operation(summary = "The document of a version, exactly as it was posted: YAML or JSON")
    @APIResponse(responseCode = "404", description = NotFoundProblems.VERSION)
    public Uni<Response> document(@PathParam("name") @ValidStrategyName String name,
            @PathParam("version") @Min(1) int version) {
        return lookup.document(new VersionRef(name, version)).map(text -> Response.ok(text)
                .type((text.stripLeading().startsWith("{") ? MediaType.APPLICATION_JSON : StrategyResource.YAML)
                        + ";charset=UTF-8")
                .build());
    }

    @POST
    @RolesAllowed(Roles.APPROVER)
    @Path("/{name}/versions/{version}/approve")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(summary = "Approves a version of another author")
    @Parameter(name = Actor.HEADER, in = ParameterIn.HEADER, description = Actor.DESCRIPTION,
            schema = @Schema(implementation = String.class))
    @RequestBody(content = @Content(mediaType = MediaType.APPLICATION_JSON,
            examples = @ExampleObject(name = "reason", value = ReasonBody.EXAMPLE)))
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = VersionJson.class)))
    @APIResponse(responseCode = "409", description = "The caller wrote this version, or it was discarded: see `type`")
    public Uni<VersionJson> approve(@PathParam("name") @ValidStrategyName String name,
            @PathParam("version") @Min(1) int version, byte @Nullable [] body) {
        var ref = new VersionRef(name, version);
        return lifecycle.approve(ref, new AuditInfo(actor.require(), ReasonBody.read(body)))
                .chain(() -> lookup.describe(ref));
    }

    @POST
    @RolesAllowed(Roles.MARKETER)
    @Path("/{name}/versions/{version}/activate")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(summary = "Activates a version: after nbo.strategies.activation-delay, all replicas decide by it")
    @Parameter(name = Actor.HEADER, in = ParameterIn.HEADER, description = Actor.DESCRIPTION,
            schema = @Schema(implementation = String.class))
    @RequestBody(content = @Content(mediaType = MediaType.APPLICATION_JSON,
            examples = @ExampleObject(name = "reason", value = ReasonBody.EXAMPLE)))
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = ActivationResponse.class)))
    @APIResponse(responseCode = "409",
            description = "The version can't decide (see `findings`), is already active or scheduled, is not approved,"
                    + " or was discarded: see `type`")
    public Uni<ActivationResponse> activate(
            @PathParam("name") @ValidStrategyName String name,
            @PathParam("version") @Min(1) int version, byte @Nullable [] body) {
        return lifecycle.activate(new VersionRef(name, version), new AuditInfo(actor.require(), ReasonBody.read(body)))
                .map(ActivationResponse::of);
    }

    @POST
    @RolesAllowed(Roles.MARKETER)
    @Path("/{name}/rollback")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(summary = "Activates the previously active version; if repeated, the one before that")
    @Parameter(name = Actor.HEADER, in = ParameterIn.HEADER, description = Actor.DESCRIPTION,
            schema = @Schema(implementation = String.class))
    @RequestBody(content = @Content(mediaType = MediaType.APPLICATION_JSON,
            examples = @ExampleObject(name = "reason", value = ReasonBody.EXAMPLE)))
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = ActivationResponse.class)))
    @APIResponse(responseCode = "409",
            description = "No other version was active before, or it can't decide with the current catalog: see `type`")
    public Uni<ActivationResponse> rollback(
            @PathParam("name") @ValidStrategyName String name,
            byte @Nullable [] body) {
        return lifecycle.rollback(name, new AuditInfo(actor.require(), ReasonBody.read(body)))
                .map(ActivationResponse::of);
    }

    @DELETE
    @RolesAllowed(Roles.MARKETER)
    @Path("/{name}/versions/{version}")
    @Operation(summary = "Discards a draft: it can no longer be activated, but stays visible")
    @Parameter(name = Actor.HEADER, in = ParameterIn.HEADER, description = Actor.DESCRIPTION,
            schema = @Schema(implementation = String.class))
    @APIResponse(responseCode = "204", description = "Discarded")
    @APIResponse(responseCode = "409", description = "The version has been activated, so it is not a draft")
    public Uni<Void> discard(@PathParam("name") @ValidStrategyName String name,
            @PathParam("version") @Min(1) int version) {
        return lifecycle.discard(new VersionRef(name, version), new AuditInfo(actor.require(), null));
    }

    /** @param effectiveAt when the activation takes effect, by the clock of the database */
    @RegisterForReflection
    record ActivationResponse(String strategy, int version, @JsonProperty("effective_at") Instant effectiveAt) {

        static ActivationResponse of(ActivatedVersion activated) {
            return new ActivationResponse(activated.version().strategy(), activated.version().version(),
                    activated.effectiveAt());
        }
    }
}
