package io.nextbestoffer.history;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

import jakarta.annotation.security.RolesAllowed;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.Pattern;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;

import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

import com.fasterxml.jackson.annotation.JsonProperty;

import io.nextbestoffer.attribute.Attributes;
import io.nextbestoffer.attribute.Id;
import io.nextbestoffer.attribute.JsonReader;
import io.nextbestoffer.customer.Customers;
import io.nextbestoffer.platform.Problems;
import io.nextbestoffer.platform.Roles;
import io.nextbestoffer.platform.http.PageSlice;
import io.nextbestoffer.platform.http.ValidId;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;

@Path("/customers/{id}/decisions")
@Tag(name = "Decisions")
@RolesAllowed(Roles.READER)
class CustomerDecisionsResource {

    private static final String INSTANT = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d{1,9})?Z";
    private static final String INVALID_BEFORE = "must be an instant like 2026-01-02T03:04:05Z,"
            + " or the `next` value of a page";

    private final DecisionLog log;
    private final Customers customers;

    CustomerDecisionsResource(DecisionLog log, Customers customers) {
        this.log = log;
        this.customers = customers;
    }

    @GET
    @Operation(summary = "Lists the decisions for a customer, newest first, in pages")
    @APIResponse(responseCode = "404", description = "The customer is unknown")
    public Uni<Page> decisions(
            @PathParam("id") @ValidId String id,
            @Parameter(description = "Maximum number of decisions per page")
            @QueryParam("limit") @DefaultValue("100") @Min(1) @Max(1000) int limit,
            @Parameter(description = "Only decisions before this instant, or the `next` value of the previous page")
            @QueryParam("before") @Pattern(regexp = INSTANT + "(," + Problems.UUID + ")?", message = INVALID_BEFORE)
            @Nullable String before) {
        // Reading a thousand decisions would block the event loop of the request for too long
        var page = log.ofCustomer(Id.customerText(id), cursor(before), limit + 1)
                .emitOn(Infrastructure.getDefaultExecutor());
        return page.chain(found -> found.isEmpty()
                ? customers.find(id).map(customer -> {
                    if (customer.isEmpty()) {
                        throw Problems.notFound("customer-unknown", "Unknown customer",
                                "No customer has the id " + id + ", or the customer was deleted.");
                    }
                    return new Page(List.of(), null);
                })
                : Uni.createFrom().item(page(found, limit)));
    }

    private static LoggedDecision.LogCursor cursor(@Nullable String before) {
        if (before == null) {
            return LoggedDecision.LogCursor.END;
        }
        try {
            int comma = before.indexOf(',');
            return comma < 0
                    ? LoggedDecision.LogCursor.at(Instant.parse(before))
                    : new LoggedDecision.LogCursor(Instant.parse(before.substring(0, comma)),
                            UUID.fromString(before.substring(comma + 1)));
        } catch (DateTimeException e) {
            // An instant that matches the pattern but does not exist, such as 31 February
            throw Problems.invalid(List.of(new Problems.Violation("before", INVALID_BEFORE)));
        }
    }

    private static Page page(List<LoggedDecision> found, int limit) {
        var page = PageSlice.of(found, limit);
        return new Page(page.map(Summary::of), page.next(last -> last.decidedAt() + "," + last.decisionId()));
    }

    /** @param next the `before` value of the next page; absent if there is none */
    @RegisterForReflection
    record Page(List<Summary> decisions, @Nullable String next) {
    }

    /** A decision in short; {@code GET /decisions/{id}} returns all of it. */
    @RegisterForReflection
    record Summary(@JsonProperty("decision_id") UUID decisionId, @JsonProperty("decided_at") Instant decidedAt,
            @JsonProperty("activity_id") @Nullable Object activityId,
            @JsonProperty("offer_id") @Nullable Object offerId,
            @JsonProperty("offer_name") @Nullable Object offerName, String strategy,
            @JsonProperty("strategy_version") int strategyVersion, @Nullable Object rule) {

        static Summary of(LoggedDecision logged) {
            Attributes decision = JsonReader.object(JsonReader.utf8(logged.decision()));
            return new Summary(logged.decisionId(), logged.decidedAt(), decision.get("activity_id"),
                    decision.get("offer_id"), decision.get("offer_name"), logged.strategy(), logged.strategyVersion(),
                    decision.get("rule"));
        }
    }
}
