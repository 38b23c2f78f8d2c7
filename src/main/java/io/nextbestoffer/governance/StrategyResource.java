package io.nextbestoffer.governance;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;

import jakarta.annotation.security.RolesAllowed;
import jakarta.validation.constraints.Size;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;

import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.ParameterIn;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;

import io.nextbestoffer.offer.Offers;
import io.nextbestoffer.platform.Roles;
import io.nextbestoffer.platform.http.ValidText;
import io.nextbestoffer.platform.security.Actor;
import io.nextbestoffer.platform.security.CurrentActor;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.smallrye.common.annotation.Blocking;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;

/** Lists, stores and validates strategies. */
@Path("/strategies")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = StrategyResource.TAG)
@RolesAllowed({Roles.READER, Roles.MARKETER, Roles.APPROVER})
class StrategyResource {

    static final String TAG = "Strategies";
    static final String YAML = "application/yaml";

    private final Pool postgres;
    private final StrategyVersions versions;
    private final StrategyActivations activations;
    private final VersionLookup lookup;
    private final StrategyLifecycle lifecycle;
    private final Offers offers;
    private final CurrentActor actor;

    StrategyResource(Pool postgres, StrategyVersions versions, StrategyActivations activations, VersionLookup lookup,
            StrategyLifecycle lifecycle, Offers offers, CurrentActor actor) {
        this.postgres = postgres;
        this.versions = versions;
        this.activations = activations;
        this.lookup = lookup;
        this.lifecycle = lifecycle;
        this.offers = offers;
        this.actor = actor;
    }

    @GET
    @Operation(summary = "All strategies, and the routing between them, with their active versions")
    public Uni<List<StrategyJson>> list() {
        return versions.newest(postgres).chain(newest -> activations.statuses(postgres)
                .map(statuses -> newest.stream().map(version -> StrategyJson.of(version, statuses)).toList()))
                .ifNoItem().after(VersionLookup.TIMEOUT).fail();
    }

    @POST
    @RolesAllowed(Roles.MARKETER)
    @Blocking // compiles
    @Consumes({YAML, "text/yaml", MediaType.APPLICATION_JSON, MediaType.TEXT_PLAIN})
    @Operation(summary = "Stores a document as the next version of its strategy: a draft, not active yet")
    @Parameter(name = Actor.HEADER, in = ParameterIn.HEADER, description = Actor.DESCRIPTION,
            schema = @Schema(implementation = String.class))
    @RequestBody(content = @Content(mediaType = YAML, schema = @Schema(implementation = String.class)))
    @APIResponse(responseCode = "201", description = "Stored; `findings` lists questionable parts",
            content = @Content(schema = @Schema(implementation = VersionJson.class)))
    @APIResponse(responseCode = "200", description = "The newest version has the same text",
            content = @Content(schema = @Schema(implementation = VersionJson.class)))
    @APIResponse(responseCode = "400",
            description = "Invalid; nothing was stored. `problems` lists all errors by line and column")
    public Uni<Response> post(byte @Nullable [] document,
            @Parameter(description = "Purpose of the version") @QueryParam("comment") @Size(max = 500) @ValidText
            @Nullable String comment) {
        var audit = new AuditInfo(actor.require(), comment);
        return lifecycle.save(ValidatedDocument.read(document), audit)
                .chain(draft -> lookup.describe(draft.version()).map(version -> {
                    var location = URI.create("/strategies/" + version.strategy() + "/versions/" + version.version());
                    return (draft.created() ? Response.created(location) : Response.ok().location(location))
                            .entity(version).type(MediaType.APPLICATION_JSON).build();
                }));
    }

    @POST
    @RolesAllowed(Roles.MARKETER)
    @Path("/validate")
    @Blocking // compiles
    @Consumes({YAML, "text/yaml", MediaType.APPLICATION_JSON, MediaType.TEXT_PLAIN})
    @Operation(summary = "Validates a document without storing it")
    @RequestBody(content = @Content(mediaType = YAML, schema = @Schema(implementation = String.class)))
    @APIResponse(responseCode = "200", description = "Valid; `findings` lists questionable parts",
            content = @Content(schema = @Schema(implementation = ValidationJson.class)))
    @APIResponse(responseCode = "400", description = "Invalid; `problems` lists all errors by line and column")
    public Uni<ValidationJson> validate(byte @Nullable [] document) {
        var parsed = ValidatedDocument.read(document).document();
        return activations.names(postgres).ifNoItem().after(VersionLookup.TIMEOUT).fail()
                .map(activated -> new ValidationJson(parsed.name(), parsed.kind(), parsed.description(),
                        DocumentChecks.run(parsed, offers.current(), activated).stream().map(FindingJson::of)
                                .toList()));
    }

    @GET
    @Path("/schema")
    @Produces("application/schema+json")
    @Operation(summary = "The JSON Schema (2020-12) of strategy documents, for editors")
    public String schema() {
        try (InputStream schema = Thread.currentThread().getContextClassLoader()
                .getResourceAsStream("strategies/strategy.schema.json")) {
            return new String(schema.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @param findings the findings of the checks against the current catalog and strategies */
    @RegisterForReflection
    record ValidationJson(String strategy, String kind, String description, List<FindingJson> findings) {
    }

    /**
     * A strategy in a response.
     *
     * @param active the number of the active version; absent if none is active
     * @param newest the number of the newest version, which may be a draft
     * @param scheduled the activation that has not taken effect yet; absent if there is none
     */
    @RegisterForReflection
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record StrategyJson(String strategy, String kind, String description, @Nullable Integer active, int newest,
            @Nullable ScheduledJson scheduled) {

        static StrategyJson of(StoredVersion newest, Map<String, LifecycleStatus> statuses) {
            LifecycleStatus status = statuses.get(newest.version().strategy());
            Activation active = status == null ? null : status.active();
            Activation scheduled = status == null ? null : status.scheduled();
            return new StrategyJson(newest.version().strategy(), newest.kind(), newest.description(),
                    active == null ? null : active.version().version(), newest.version().version(),
                    scheduled == null
                            ? null
                            : new ScheduledJson(scheduled.version().version(), scheduled.effectiveAt()));
        }
    }

    @RegisterForReflection
    record ScheduledJson(int version, @JsonProperty("effective_at") Instant effectiveAt) {
    }
}
