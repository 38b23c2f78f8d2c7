package io.nextbestoffer.offer;

import java.util.List;

import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;

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

import io.nextbestoffer.platform.Roles;
import io.nextbestoffer.platform.http.ValidId;
import io.nextbestoffer.platform.http.ValidText;
import io.nextbestoffer.platform.security.Actor;
import io.nextbestoffer.platform.security.CurrentActor;
import io.quarkus.arc.All;
import io.quarkus.hibernate.reactive.panache.common.WithSession;
import io.quarkus.panache.common.Sort;
import io.smallrye.common.annotation.Blocking;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.SqlConnection;

/** Reads and changes the offer catalog. */
@Path("/offers")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Offers")
@RolesAllowed({Roles.READER, Roles.MARKETER, Roles.APPROVER})
class OfferResource {

    private static final String NOT_FOUND = "The catalog has no offer with this id";
    private static final String LOCKED = "Another transaction is changing the catalog, or Postgres does not respond";

    private final OfferRepository repository;
    private final List<OfferCheck> checks;
    private final CurrentActor actor;

    OfferResource(OfferRepository repository, @All List<OfferCheck> checks, CurrentActor actor) {
        this.repository = repository;
        this.checks = checks;
        this.actor = actor;
    }

    @GET
    @WithSession
    @Operation(summary = "All offers of the catalog, ordered by id as text")
    public Uni<List<OfferJson>> list(
            @Parameter(description = "Only offers of this category") @QueryParam("category") @ValidText
            @Nullable String category) {
        var order = Sort.by("id");
        Uni<List<OfferEntity>> found = category == null
                ? OfferEntity.listAll(order)
                : OfferEntity.list("category", order, category);
        return found.map(offers -> offers.stream().map(OfferEntity::offer).map(OfferJson::of).toList());
    }

    @GET
    @Path("/{id}")
    @WithSession
    @Operation(summary = "An offer of the catalog")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = OfferJson.class)))
    @APIResponse(responseCode = "404", description = NOT_FOUND)
    public Uni<OfferJson> offer(@PathParam("id") @ValidId String id) {
        return OfferEntity.<OfferEntity>findById(id).onItem().ifNull().failWith(() -> OfferRepository.notFound(id))
                .map(OfferEntity::offer).map(OfferJson::of);
    }

    @PUT
    @RolesAllowed(Roles.MARKETER)
    @Blocking // evaluates all active strategies
    @Path("/{id}")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(summary = "Creates or replaces an offer; every replica uses it a second or two later")
    @Parameter(name = Actor.HEADER, in = ParameterIn.HEADER, description = Actor.DESCRIPTION,
            schema = @Schema(implementation = String.class))
    @RequestBody(content = @Content(mediaType = MediaType.APPLICATION_JSON,
            schema = @Schema(implementation = OfferJson.class), examples = @ExampleObject(name = "one", value = """
                    {"offer_name": "gold_savings", "offer_url": "https://example.com/gold", "category": "savings",
                     "valid_until": "2027-01-01T00:00:00Z",
                     "attributes": {"min_income": 50000, "channels": ["app"]}}""")))
    @APIResponse(responseCode = "200", description = "Replaced",
            content = @Content(schema = @Schema(implementation = OfferJson.class)))
    @APIResponse(responseCode = "201", description = "Created",
            content = @Content(schema = @Schema(implementation = OfferJson.class)))
    @APIResponse(responseCode = "400", description = "Invalid; nothing was changed. `violations` lists all errors")
    @APIResponse(responseCode = "503", description = LOCKED)
    public Uni<Response> put(@PathParam("id") @ValidId String id,
            byte @Nullable [] body, @Context UriInfo uri) {
        Offer offer = OfferRequest.read(id, body == null ? new byte[0] : body, checks);
        var location = uri.getAbsolutePath();
        return repository.save(offer, actor.find(), this::confirm)
                .map(stored -> (stored.created() ? Response.created(location) : Response.ok())
                        .entity(OfferJson.of(stored.offer())).build());
    }

    private Uni<Void> confirm(SqlConnection transaction) {
        return Multi.createFrom().iterable(checks)
                .onItem().transformToUniAndConcatenate(check -> check.confirm(transaction)).toUni().replaceWithVoid();
    }

    @DELETE
    @RolesAllowed(Roles.MARKETER)
    @Path("/{id}")
    @Operation(summary = "Deletes an offer that no active or scheduled strategy names; its history stays")
    @Parameter(name = Actor.HEADER, in = ParameterIn.HEADER, description = Actor.DESCRIPTION,
            schema = @Schema(implementation = String.class))
    @APIResponse(responseCode = "204", description = "Deleted")
    @APIResponse(responseCode = "404", description = NOT_FOUND)
    @APIResponse(responseCode = "409", description = "Active or scheduled strategies name it: `strategies` lists them")
    @APIResponse(responseCode = "503", description = LOCKED)
    public Uni<Void> delete(@PathParam("id") @ValidId String id) {
        return repository.delete(id, actor.find());
    }
}
