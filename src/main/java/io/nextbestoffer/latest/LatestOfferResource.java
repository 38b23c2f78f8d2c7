package io.nextbestoffer.latest;

import java.time.Instant;
import java.util.UUID;

import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;

import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

import com.fasterxml.jackson.annotation.JsonProperty;

import io.nextbestoffer.attribute.Id;
import io.nextbestoffer.explanation.DecisionExplainer;
import io.nextbestoffer.explanation.ExplanationJson;
import io.nextbestoffer.platform.Problems;
import io.nextbestoffer.platform.Roles;
import io.nextbestoffer.platform.http.ValidId;
import io.smallrye.mutiny.Uni;

@Path("/customers/{id}/offer")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Latest offer")
@RolesAllowed(Roles.READER)
class LatestOfferResource {

    private static final String NOT_FOUND = "The customer is unknown, or has no offer yet: see `type`";

    private final LatestOffers latest;
    private final DecisionExplainer explanations;

    LatestOfferResource(LatestOffers latest, DecisionExplainer explanations) {
        this.latest = latest;
        this.explanations = explanations;
    }

    @GET
    @Operation(summary = "Returns the latest offer of a customer, as it was sent to Kafka")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = LatestOffer.class)))
    @APIResponse(responseCode = "404", description = NOT_FOUND)
    public Uni<String> offer(@PathParam("id") @ValidId String id) {
        return find(id).map(LatestOffers.Found::decision);
    }

    @GET
    @Path("/explanation")
    @Operation(
            summary = "Explains the latest offer: its inputs, why each other offer was not chosen, and which changes"
                    + " would have led to another offer")
    @APIResponse(responseCode = "404", description = NOT_FOUND)
    public Uni<ExplanationJson> explanation(
            @PathParam("id") @ValidId String id) {
        return find(id).chain(found -> explanations.explain(found.decision(), found.inputs()));
    }

    private Uni<LatestOffers.Found> find(String id) {
        return latest.find(Id.customerText(id)).invoke(found -> {
            if (!found.customerKnown()) {
                throw Problems.notFound("customer-unknown", "Unknown customer",
                        "No customer has the id " + id + ", or the customer was deleted.");
            }
            if (found.decision() == null) {
                throw Problems.notFound("no-offer-yet", "No offer yet",
                        "Customer " + id + " is known, but none of their activities has been decided yet.");
            }
        });
    }

    /** Documents the record for OpenAPI. The output attributes of the strategy are additional fields. */
    @Schema(name = "Offer made to a customer")
    record LatestOffer(@JsonProperty("activity_id") Object activityId, @JsonProperty("customer_id") Object customerId,
            @JsonProperty("offer_id") Object offerId, @JsonProperty("offer_name") String offerName,
            @JsonProperty("offer_url") String offerUrl, @JsonProperty("decision_id") UUID decisionId,
            String strategy, @JsonProperty("strategy_version") int strategyVersion, String rule,
            @JsonProperty("activity_time") Instant activityTime,
            @JsonProperty("decided_at") Instant decidedAt) {
    }
}
