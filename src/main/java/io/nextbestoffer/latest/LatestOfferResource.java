package io.nextbestoffer.latest;

import java.time.Duration;
import java.time.Instant;
import java.util.UUID;

import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
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
import org.jboss.resteasy.reactive.RestResponse;
import org.jspecify.annotations.Nullable;

import com.fasterxml.jackson.annotation.JsonProperty;

import io.nextbestoffer.attribute.Id;
import io.nextbestoffer.explanation.DecisionExplainer;
import io.nextbestoffer.explanation.ExplanationJson;
import io.nextbestoffer.platform.Problems;
import io.nextbestoffer.platform.Roles;
import io.nextbestoffer.platform.http.ValidId;
import io.nextbestoffer.platform.http.ValidUuid;
import io.smallrye.mutiny.Uni;

@Path("/customers/{id}/offer")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Latest offer")
@RolesAllowed(Roles.READER)
class LatestOfferResource {

    private static final String NOT_FOUND = "The customer is unknown, or has no offer yet: see `type`";

    private final LatestOffers latest;
    private final LatestOfferWait waiting;
    private final DecisionExplainer explanations;

    LatestOfferResource(LatestOffers latest, LatestOfferWait waiting, DecisionExplainer explanations) {
        this.latest = latest;
        this.waiting = waiting;
        this.explanations = explanations;
    }

    @GET
    @Operation(
            summary = "Returns the latest offer of a customer, as it was sent to Kafka",
            description = "An offer can be looked up tens of milliseconds after it can be read from the topic. A caller"
                    + " that reads it there earlier can pass its decision_id as min_decision, and gets that offer or a"
                    + " later one.")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = LatestOffer.class)))
    @APIResponse(
            responseCode = "404",
            description = "The customer is unknown, has no offer yet, or min_decision is not stored: see `type`")
    public Uni<RestResponse<String>> offer(@PathParam("id") @ValidId String id,
            @Parameter(
                    description = "A decision of this customer. The response has this decision or a later one; the"
                            + " request waits for it, for 2 seconds unless Prefer says otherwise")
            @QueryParam("min_decision") @ValidUuid @Nullable String minDecision,
            @Parameter(
                    description = "wait=<seconds>: how long the request waits for min_decision or, without it, for"
                            + " the first offer; 10 at most")
            @HeaderParam("Prefer") @Nullable String prefer) {
        String customer = Id.customerText(id);
        UUID decision = minDecision == null ? null : UUID.fromString(minDecision);
        Duration wait = LatestOfferWait.preferred(prefer);
        if (decision == null && wait == null) {
            return find(id).map(found -> RestResponse.ok(found.decision()));
        }
        return waiting.find(customer, decision, wait).map(found -> {
            requireOffer(id, found.offer());
            if (!found.isFresh()) {
                throw Problems.notFound("decision-not-stored", "Decision not stored",
                        "The latest offer of customer " + id + " is not known to be decision " + minDecision
                                + " or a later one. That decision is not stored yet, is too old, or does not exist.");
            }
            var response = RestResponse.ResponseBuilder.ok(found.offer().decision());
            return (wait == null ? response : response.header("Preference-Applied", "wait=" + wait.toSeconds()))
                    .build();
        });
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
        return latest.find(Id.customerText(id)).invoke(found -> requireOffer(id, found));
    }

    private static void requireOffer(String id, LatestOffers.Found found) {
        if (!found.customerKnown()) {
            throw Problems.notFound("customer-unknown", "Unknown customer",
                    "No customer has the id " + id + ", or the customer was deleted.");
        }
        if (found.decision() == null) {
            throw Problems.notFound("no-offer-yet", "No offer yet",
                    "Customer " + id + " is known, but none of their activities has been decided yet.");
        }
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
