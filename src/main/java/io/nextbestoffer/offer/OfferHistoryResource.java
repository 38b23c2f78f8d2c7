package io.nextbestoffer.offer;

import java.time.Instant;
import java.util.List;
import java.util.Locale;

import jakarta.annotation.security.RolesAllowed;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;

import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;

import io.nextbestoffer.attribute.Id;
import io.nextbestoffer.platform.Roles;
import io.nextbestoffer.platform.http.PageSlice;
import io.nextbestoffer.platform.http.ValidId;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.smallrye.mutiny.Uni;

/** The audit trail of an offer. */
@Path("/offers")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Offers")
@RolesAllowed({Roles.READER, Roles.MARKETER, Roles.APPROVER})
class OfferHistoryResource {

    private final OfferHistory history;

    OfferHistoryResource(OfferHistory history) {
        this.history = history;
    }

    @GET
    @Path("/{id}/history")
    @Operation(summary = "Changes of an offer, even of a deleted one: actor, time, result; the newest first, in pages")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = Page.class)))
    @APIResponse(responseCode = "404", description = "No offer ever had this id")
    public Uni<Page> history(@PathParam("id") @ValidId String id,
            @Parameter(description = "Maximum number of changes on a page") @QueryParam("limit") @DefaultValue("50")
            @Min(1) @Max(500) int limit,
            @Parameter(description = "Only changes with a lower revision: `next` of the previous page")
            @QueryParam("before") @DefaultValue("9223372036854775807") @Min(1) long before) {
        return history.page(id, before, limit + 1).map(changes -> {
            if (changes.isEmpty() && before == Long.MAX_VALUE) {
                throw OfferRepository.notFound(id);
            }
            var page = PageSlice.of(changes, limit);
            return new Page(OfferRequest.id(id), page.map(OfferChangeJson::of), page.next(OfferChange::revision));
        });
    }

    /** @param next {@code before} of the next page; absent on the last page */
    @RegisterForReflection
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Page(@JsonProperty(OfferRequest.ID) Id id, List<OfferChangeJson> entries, @Nullable Long next) {
    }

    /**
     * @param action {@code created}, {@code replaced} or {@code deleted}
     * @param revision the revision of the catalog that the change created
     * @param previousRevision the revision of the change before; absent if this is the first one
     * @param who absent if the offer was changed by SQL or by a caller without a name
     * @param when absent if the change was made before changes were recorded
     * @param offer the offer after the change; absent if it was deleted
     */
    @RegisterForReflection
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record OfferChangeJson(String action, long revision,
            @JsonProperty("previous_revision") @Nullable Long previousRevision, @Nullable String who,
            @Nullable Instant when, @Nullable OfferJson offer) {

        private static OfferChangeJson of(OfferChange change) {
            return new OfferChangeJson(change.action().name().toLowerCase(Locale.ROOT), change.revision(),
                    change.previousRevision(), change.changedBy() == null ? null : change.changedBy().name(),
                    change.changedAt(),
                    change.offer() == null ? null : OfferJson.of(change.offer()));
        }
    }
}
