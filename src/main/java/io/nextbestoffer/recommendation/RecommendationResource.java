package io.nextbestoffer.recommendation;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;

import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;

import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;

import io.nextbestoffer.attribute.Attributes;
import io.nextbestoffer.attribute.Id;
import io.nextbestoffer.attribute.InvalidInputException;
import io.nextbestoffer.attribute.JsonReader;
import io.nextbestoffer.customer.Customer;
import io.nextbestoffer.customer.Customers;
import io.nextbestoffer.explanation.ExplanationJson;
import io.nextbestoffer.offer.Offer;
import io.nextbestoffer.platform.Problems;
import io.nextbestoffer.platform.Problems.Violation;
import io.nextbestoffer.platform.Roles;
import io.nextbestoffer.platform.http.ValidId;
import io.nextbestoffer.strategy.Choice.Ranked;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;

/** Recommends products and explains the recommendations. */
@Path("/recommend")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Recommendations")
@RolesAllowed(Roles.READER)
class RecommendationResource {

    private static final String INVALID = "`violations` lists every invalid field";
    private static final String INCOMPLETE = "The customer's profile lacks attributes that the strategy needs;"
            + " `violations` lists them";
    private static final String EXPLANATION = "For each product the stage at which it was dropped, and its score;"
            + " and the smallest changes that would have put another product first.";
    private static final String CUSTOMER_ID = "customer_id";
    private static final String C001 = """
            {"customer_id": "C001", "age": 35, "income": 150000, "credit_score": 780, "avg_account_balance": 19250,
             "existing_products": ["Wealth Management", "Investment Account"]}""";

    private final Recommender recommender;
    private final Customers customers;

    RecommendationResource(Recommender recommender, Customers customers) {
        this.recommender = recommender;
        this.customers = customers;
    }

    @GET
    @Path("/{customer_id}")
    @Operation(summary = "Recommends products for a known customer, the best first")
    @APIResponse(responseCode = "404", description = "The customer is unknown")
    @APIResponse(responseCode = "422", description = INCOMPLETE)
    public Uni<Recommendation> recommend(@PathParam(CUSTOMER_ID) @ValidId String id) {
        return known(id, RecommendationResource::recommendation);
    }

    @GET
    @Path("/{customer_id}/explanation")
    @Operation(summary = "Explains the recommendation for a known customer", description = EXPLANATION)
    @APIResponse(responseCode = "404", description = "The customer is unknown")
    @APIResponse(responseCode = "422", description = INCOMPLETE)
    public Uni<ExplanationJson> explain(@PathParam(CUSTOMER_ID) @ValidId String id) {
        return known(id, ProductRanker::explain);
    }

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(summary = "Recommends products for the person described in the body, customer or not")
    @RequestBody(content = @Content(mediaType = MediaType.APPLICATION_JSON,
            examples = @ExampleObject(name = "C001", value = C001)))
    @APIResponse(responseCode = "400", description = INVALID)
    public Recommendation recommend(byte @Nullable [] body) {
        return described(body, RecommendationResource::recommendation);
    }

    @POST
    @Path("/explanation")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(summary = "Explains the recommendation for the person described in the body", description = EXPLANATION)
    @RequestBody(content = @Content(mediaType = MediaType.APPLICATION_JSON,
            examples = @ExampleObject(name = "C001", value = C001)))
    @APIResponse(responseCode = "400", description = INVALID)
    public ExplanationJson explain(byte @Nullable [] body) {
        return described(body, ProductRanker::explain);
    }

    private static Recommendation recommendation(ProductRanker ranker, Customer customer) {
        return Recommendation.of(customer.id(), ranker.rank(customer));
    }

    private <T> Uni<T> known(String id, BiFunction<ProductRanker, Customer, T> answer) {
        return customers.find(id).emitOn(Infrastructure.getDefaultExecutor()).map(found -> {
            Customer customer = found.orElseThrow(() -> Problems.notFound("customer-unknown", "Unknown customer",
                    "No customer has the id " + id + ", or the bank has deleted them."));
            ProductRanker ranker = recommender.ranker();
            List<Violation> violations = ranker.violations(customer);
            if (!violations.isEmpty()) {
                throw Problems.problem(422, "profile-incomplete", "Incomplete profile",
                        "The profile of customer " + id + " lacks attributes that are needed to rank products.")
                        .with("violations", violations).build();
            }
            return answer.apply(ranker, customer);
        });
    }

    private <T> T described(byte @Nullable [] body, BiFunction<ProductRanker, Customer, T> answer) {
        Attributes document;
        try {
            document = JsonReader.object(body);
        } catch (InvalidInputException e) {
            throw Problems.invalid(List.of(new Violation("", e.getMessage())));
        }
        var violations = new ArrayList<Violation>();
        Id id = id(document, violations);
        var customer = new Customer(id, document.filter(name -> !name.equals(CUSTOMER_ID)));
        ProductRanker ranker = recommender.ranker();
        violations.addAll(ranker.violations(customer));
        if (!violations.isEmpty()) {
            throw Problems.invalid(violations);
        }
        return answer.apply(ranker, customer);
    }

    private static Id id(Attributes document, List<Violation> violations) {
        Object id = document.get(CUSTOMER_ID);
        try {
            if (id != null) {
                return Id.ofCustomer(CUSTOMER_ID, id);
            }
            violations.add(new Violation(CUSTOMER_ID, CUSTOMER_ID + " is missing"));
        } catch (InvalidInputException e) {
            violations.add(new Violation(CUSTOMER_ID, e.getMessage()));
        }
        return Id.of("?");
    }

    @RegisterForReflection
    record Recommendation(@JsonProperty(CUSTOMER_ID) Id customerId,
            @JsonProperty("recommended_products") List<RecommendedProduct> products,
            @JsonProperty("total_recommendations") int total, List<String> segments) {

        static Recommendation of(Id customer, ProductRanker.RankedProducts ranked) {
            List<RecommendedProduct> products = ranked.choice().ranking().stream().map(RecommendedProduct::of)
                    .toList();
            return new Recommendation(customer, products, products.size(), ranked.segments());
        }
    }

    /**
     * @param confidence from 0 to 100, rounded to one decimal place
     * @param portfolioGap whether the customer owns nothing of this category yet
     */
    @RegisterForReflection
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record RecommendedProduct(@JsonProperty("product_name") String name, @Nullable String category,
            @Nullable String reason, @JsonProperty("confidence_score") double confidence,
            @JsonProperty("portfolio_gap") boolean portfolioGap) {

        static RecommendedProduct of(Ranked ranked) {
            Offer offer = ranked.offer();
            Object reason = offer.attributes().get("reason");
            return new RecommendedProduct(offer.name(), offer.category(), reason == null ? null : reason.toString(),
                    Math.round(ranked.score() * 10) / 10.0, ranked.portfolioGap());
        }
    }
}
