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

import io.nextbestoffer.governance.StrategyVersions.LifecycleStatus;
import io.nextbestoffer.governance.StrategyVersions.StoredVersion;
import io.nextbestoffer.offer.Offers;
import io.nextbestoffer.platform.Roles;
import io.nextbestoffer.platform.http.ValidText;
import io.nextbestoffer.platform.security.Actor;
import io.nextbestoffer.platform.security.CurrentActor;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.smallrye.common.annotation.Blocking;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;

@Path("/strategies")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = StrategyResource.TAG)
@RolesAllowed({Roles.READER, Roles.MARKETER, Roles.APPROVER})
class StrategyResource {

    static final String TAG = "Strategies";
    static final String YAML = "application/yaml";

    private final Pool postgres;
    private final StrategyVersions versions;
    private final VersionLookup lookup;
    private final StrategyLifecycle changes;
    private final Offers offers;
    private final CurrentActor actor;

    StrategyResource(Pool postgres, StrategyVersions versions, VersionLookup lookup, StrategyLifecycle changes,
            Offers offers,
            CurrentActor actor) {
        this.postgres = postgres;
        this.versions = versions;
        this.lookup = lookup;
        this.changes = changes;
        this.offers = offers;
        this.actor = actor;
    }

    @GET
    @Operation(summary = "All strategies, and the routing between them, with their active versions")
    public Uni<List<Listed>> list() {
        return versions.newest(postgres).chain(all -> versions.standings(postgres)
                .map(standings -> all.stream().map(one -> Listed.of(one, standings)).toList()))
                .ifNoItem().after(VersionLookup.TIMEOUT).fail();
    }

    @POST
    @RolesAllowed(Roles.MARKETER)
    @Blocking // compiles
    @Consumes({YAML, "text/yaml", MediaType.APPLICATION_JSON, MediaType.TEXT_PLAIN})
    @Operation(summary = "Saves a document as the next version of its strategy, a draft; nothing is decided by it yet")
    @Parameter(name = Actor.HEADER, in = ParameterIn.HEADER, description = Actor.DESCRIPTION,
            schema = @Schema(implementation = String.class))
    @RequestBody(content = @Content(mediaType = YAML, schema = @Schema(implementation = String.class)))
    @APIResponse(responseCode = "201", description = "Saved; `findings` is what is questionable in it",
            content = @Content(schema = @Schema(implementation = VersionJson.class)))
    @APIResponse(responseCode = "200", description = "The newest version has the same text",
            content = @Content(schema = @Schema(implementation = VersionJson.class)))
    @APIResponse(responseCode = "400",
            description = "Nothing was saved; `problems` names all that is wrong, by line and column")
    public Uni<Response> post(byte @Nullable [] document,
            @Parameter(description = "What the version is for") @QueryParam("comment") @Size(max = 500) @ValidText
            @Nullable String comment) {
        var deed = new AuditInfo(actor.require(), comment);
        return changes.save(ValidatedDocument.read(document), deed)
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
    @Operation(summary = "Says what is wrong with a document, or questionable, without saving it")
    @RequestBody(content = @Content(mediaType = YAML, schema = @Schema(implementation = String.class)))
    @APIResponse(responseCode = "200", description = "It could be saved; `findings` is what is questionable in it",
            content = @Content(schema = @Schema(implementation = Validated.class)))
    @APIResponse(responseCode = "400", description = "`problems` names all that is wrong, by line and column")
    public Uni<Validated> validate(byte @Nullable [] document) {
        var posted = ValidatedDocument.read(document).document();
        return versions.activated(postgres).ifNoItem().after(VersionLookup.TIMEOUT).fail()
                .map(activated -> new Validated(posted.name(), posted.kind(), posted.description(),
                        DocumentChecks.of(posted, offers.current(), activated).stream().map(FindingJson::of).toList()));
    }

    @GET
    @Path("/schema")
    @Produces("application/schema+json")
    @Operation(summary = "The JSON Schema (2020-12) of the documents, for editors")
    public String schema() {
        try (InputStream schema = Thread.currentThread().getContextClassLoader()
                .getResourceAsStream("strategies/strategy.schema.json")) {
            return new String(schema.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @param findings what is questionable in it in view of the present catalog */
    @RegisterForReflection
    record Validated(String strategy, String kind, String description, List<FindingJson> findings) {
    }

    /**
     * @param active its number; absent if no version is active
     * @param newest the number of the newest version, drafts included
     * @param scheduled what will be active in a moment
     */
    @RegisterForReflection
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Listed(String strategy, String kind, String description, @Nullable Integer active, int newest,
            @Nullable Scheduled scheduled) {

        static Listed of(StoredVersion newest, Map<String, LifecycleStatus> standings) {
            LifecycleStatus standing = standings.get(newest.version().strategy());
            Activation active = standing == null ? null : standing.active();
            Activation scheduled = standing == null ? null : standing.scheduled();
            return new Listed(newest.version().strategy(), newest.kind(), newest.description(),
                    active == null ? null : active.version().version(), newest.version().version(),
                    scheduled == null ? null : new Scheduled(scheduled.version().version(), scheduled.effectiveAt()));
        }
    }

    @RegisterForReflection
    record Scheduled(int version, @JsonProperty("effective_at") Instant effectiveAt) {
    }
}
