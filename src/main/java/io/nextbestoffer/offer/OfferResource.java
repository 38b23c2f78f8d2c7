package io.nextbestoffer.offer;

import java.time.Instant;
import java.util.List;
import java.util.Map;

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
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

import com.fasterxml.jackson.annotation.JsonProperty;

import io.nextbestoffer.attribute.Id;
import io.nextbestoffer.platform.Roles;
import io.nextbestoffer.platform.http.ValidId;
import io.nextbestoffer.platform.http.ValidText;
import io.quarkus.arc.All;
import io.quarkus.hibernate.reactive.panache.common.WithSession;
import io.quarkus.panache.common.Sort;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.smallrye.common.annotation.Blocking;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.SqlConnection;

@Path("/offers")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Offers")
@RolesAllowed({Roles.READER, Roles.MARKETER, Roles.APPROVER})
class OfferResource {

    private static final String NOT_FOUND = "The catalog has no offer with this id";
    private static final String BUSY = "Another change to the catalog is in progress, or Postgres does not respond";

    private final OfferRows rows;
    private final List<OfferCheck> checks;

    OfferResource(OfferRows rows, @All List<OfferCheck> checks) {
        this.rows = rows;
        this.checks = checks;
    }

    @GET
    @WithSession
    @Operation(summary = "All offers of the catalog, in the order of their ids as text")
    public Uni<List<Listed>> list(
            @Parameter(description = "Only offers of this category") @QueryParam("category") @ValidText
            @Nullable String category) {
        var order = Sort.by("id");
        Uni<List<OfferRow>> found = category == null
                ? OfferRow.listAll(order)
                : OfferRow.list("category", order, category);
        return found.map(offers -> offers.stream().map(OfferRow::offer).map(Listed::of).toList());
    }

    @GET
    @Path("/{id}")
    @WithSession
    @Operation(summary = "One offer of the catalog")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = Listed.class)))
    @APIResponse(responseCode = "404", description = NOT_FOUND)
    public Uni<Listed> offer(@PathParam("id") @ValidId String id) {
        return OfferRow.<OfferRow>findById(id).onItem().ifNull().failWith(() -> OfferRows.unknown(id))
                .map(OfferRow::offer).map(Listed::of);
    }

    @PUT
    @RolesAllowed(Roles.MARKETER)
    @Blocking // asks all active strategies
    @Path("/{id}")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(summary = "Creates or replaces an offer; every replica decides with it a second or two later")
    @RequestBody(content = @Content(mediaType = MediaType.APPLICATION_JSON,
            schema = @Schema(implementation = Listed.class),
            examples = @ExampleObject(name = "one",
                    value = """
                            {"offer_name": "gold_savings", "offer_url": "https://example.com/gold", "category": "savings",
                             "valid_until": "2027-01-01T00:00:00Z", "attributes": {"min_income": 50000, "channels": ["app"]}}""")))
    @APIResponse(responseCode = "200", description = "Replaced",
            content = @Content(schema = @Schema(implementation = Listed.class)))
    @APIResponse(responseCode = "201", description = "Created",
            content = @Content(schema = @Schema(implementation = Listed.class)))
    @APIResponse(responseCode = "400", description = "Nothing was changed; `violations` names all that is wrong")
    @APIResponse(responseCode = "503", description = BUSY)
    public Uni<Response> put(@PathParam("id") @ValidId String id,
            byte @Nullable [] body, @Context UriInfo uri) {
        Offer offer = OfferRequest.read(id, body == null ? new byte[0] : body, checks);
        var location = uri.getAbsolutePath();
        return rows.save(offer, this::confirm)
                .map(saved -> (saved.created() ? Response.created(location) : Response.ok())
                        .entity(Listed.of(saved.offer())).build());
    }

    private Uni<Void> confirm(SqlConnection transaction) {
        return Multi.createFrom().iterable(checks)
                .onItem().transformToUniAndConcatenate(check -> check.confirm(transaction)).toUni().replaceWithVoid();
    }

    @DELETE
    @RolesAllowed(Roles.MARKETER)
    @Path("/{id}")
    @Operation(summary = "Deletes an offer that no active strategy names")
    @APIResponse(responseCode = "204", description = "Deleted")
    @APIResponse(responseCode = "404", description = NOT_FOUND)
    @APIResponse(responseCode = "409", description = "Active strategies name it: see `strategies`")
    @APIResponse(responseCode = "503", description = BUSY)
    public Uni<Void> delete(@PathParam("id") @ValidId String id) {
        return rows.delete(id);
    }

    @RegisterForReflection
    record Listed(@JsonProperty(OfferRequest.ID) Id id, @JsonProperty(OfferRequest.NAME) String name,
            @JsonProperty(OfferRequest.URL) String url, @Nullable String category,
            @JsonProperty(OfferRequest.VALID_FROM) @Nullable Instant validFrom,
            @JsonProperty(OfferRequest.VALID_UNTIL) @Nullable Instant validUntil,
            Map<String, Object> attributes) {

        static Listed of(Offer offer) {
            return new Listed(offer.id(), offer.name(), offer.url(), offer.category(), offer.validFrom(),
                    offer.validUntil(), offer.attributes().asMap());
        }
    }
}
