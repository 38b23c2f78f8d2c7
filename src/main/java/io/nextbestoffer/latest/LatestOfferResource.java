package io.nextbestoffer.latest;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
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
import org.jspecify.annotations.Nullable;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonRawValue;

import io.nextbestoffer.attribute.Attributes;
import io.nextbestoffer.attribute.Id;
import io.nextbestoffer.attribute.InvalidInputException;
import io.nextbestoffer.attribute.JsonReader;
import io.nextbestoffer.attribute.JsonWriter;
import io.nextbestoffer.decision.ActiveStrategy;
import io.nextbestoffer.platform.Problems;
import io.nextbestoffer.strategy.Inputs;
import io.nextbestoffer.strategy.RuleOutcome;
import io.nextbestoffer.strategy.Strategy;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.smallrye.mutiny.Uni;

@Path("/customers/{id}/offer")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Latest offer")
class LatestOfferResource {

    private final LatestOffers latest;
    private final ActiveStrategy active;

    LatestOfferResource(LatestOffers latest, ActiveStrategy active) {
        this.latest = latest;
        this.active = active;
    }

    @GET
    @Operation(summary = "The latest offer of a customer, as it went out to Kafka")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = LatestOffer.class)))
    @APIResponse(responseCode = "404", description = "The customer is unknown, or has no offer yet: see `type`")
    public Uni<String> offer(@PathParam("id") @Size(max = Id.MAX_LENGTH) @Pattern(regexp = "[^\\x00]*") String id) {
        return find(id).map(LatestOffers.Found::decision);
    }

    @GET
    @Path("/explanation")
    @Operation(summary = "Why this offer: the attributes it was decided from, and how each rule came out")
    @APIResponse(responseCode = "404", description = "The customer is unknown, or has no offer yet: see `type`")
    public Uni<Explanation> explanation(
            @PathParam("id") @Size(max = Id.MAX_LENGTH) @Pattern(regexp = "[^\\x00]*") String id) {
        return find(id).map(this::explain);
    }

    private Uni<LatestOffers.Found> find(String id) {
        return latest.find(id).invoke(found -> {
            if (!found.customerKnown()) {
                throw Problems.notFound("customer-unknown", "Unknown customer",
                        "No customer has the id " + id + ", or the bank has deleted him.");
            }
            if (found.decision() == null) {
                throw Problems.notFound("no-offer-yet", "No offer yet",
                        "Customer " + id + " is known, but no activity of his was decided yet.");
            }
        });
    }

    private Explanation explain(LatestOffers.Found found) {
        Attributes decision = JsonReader.object(JsonReader.utf8(found.decision()));
        Strategy strategy = active.strategy();
        if (!strategy.name().equals(decision.get("strategy"))
                || !Long.valueOf(strategy.version()).equals(decision.get("strategy_version"))) {
            return new Explanation(found.decision(), found.inputs(), null,
                    "Decided by a version of the strategy that is no longer in force; its rules are not at hand.");
        }
        try {
            // From what the decision used, never from today's profile
            Inputs inputs = found.inputs() == null
                    ? strategy.inputs(decision)
                    : strategy.inputs((Map<?, ?>) JsonReader.value(JsonReader.utf8(found.inputs())));
            return new Explanation(found.decision(), JsonWriter.text(inputs::writeTo),
                    strategy.explain(inputs).stream().map(Rule::of).toList(), null);
        } catch (InvalidInputException e) {
            return new Explanation(found.decision(), found.inputs(), null,
                    "The strategy was changed without a new version: " + e.getMessage());
        }
    }

    /**
     * @param decision as it went out
     * @param inputs the attributes it was decided from; absent if the strategy's version is no longer in force and the
     *     decision has them all
     * @param rules in the order they are tried; absent if the strategy's version is no longer in force
     * @param note why there are no rules
     */
    @RegisterForReflection
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Explanation(@JsonRawValue @Schema(implementation = LatestOffer.class) String decision,
            @JsonRawValue @Schema(implementation = Object.class) @Nullable String inputs, @Nullable List<Rule> rules,
            @Nullable String note) {
    }

    @RegisterForReflection
    record Rule(String rule, String when, @JsonProperty("offer_id") Id offer, boolean matched, boolean chosen) {

        static Rule of(RuleOutcome outcome) {
            return new Rule(outcome.rule(), outcome.when(), outcome.offer(), outcome.matched(), outcome.chosen());
        }
    }

    /** Documents the record for OpenAPI. The strategy's output attributes are beside these fields. */
    @Schema(name = "Offer made to a customer")
    record LatestOffer(@JsonProperty("activity_id") Object activityId, @JsonProperty("customer_id") Object customerId,
            @JsonProperty("offer_id") Object offerId, @JsonProperty("offer_name") String offerName,
            @JsonProperty("offer_url") String offerUrl, @JsonProperty("decision_id") UUID decisionId,
            String strategy, @JsonProperty("strategy_version") int strategyVersion, String rule,
            @JsonProperty("activity_time") Instant activityTime,
            @JsonProperty("decided_at") Instant decidedAt) {
    }
}
