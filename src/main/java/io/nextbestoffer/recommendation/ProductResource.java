package io.nextbestoffer.recommendation;

import java.util.Comparator;
import java.util.List;

import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;

import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

import com.fasterxml.jackson.annotation.JsonProperty;

import io.nextbestoffer.attribute.Id;
import io.nextbestoffer.decision.ActiveStrategy;
import io.nextbestoffer.decision.Snapshot;
import io.nextbestoffer.offer.Offer;
import io.nextbestoffer.platform.Problems;
import io.nextbestoffer.strategy.Strategy;
import io.quarkus.runtime.annotations.RegisterForReflection;

@Path("/products")
@Tag(name = "Offers")
class ProductResource {

    private final ActiveStrategy active;

    ProductResource(ActiveStrategy active) {
        this.active = active;
    }

    @GET
    @Operation(summary = "The catalog with its eligibility criteria: the rules by which each product is offered")
    public List<Product> list() {
        Snapshot snapshot = active.snapshot();
        if (snapshot == null) {
            throw Problems.problem(503, "not-ready", "Not ready",
                    String.valueOf(active.obstacle())).build();
        }
        return snapshot.catalog().offers().values().stream()
                .sorted(Comparator.comparing(offer -> offer.id().text()))
                .map(offer -> Product.of(offer, snapshot.strategy())).toList();
    }

    /** @param eligibility any of these lets the product be offered, in the order they are tried */
    @RegisterForReflection
    record Product(@JsonProperty("product_id") Id id, @JsonProperty("product_name") String name,
            @Nullable String category, String url, List<Criterion> eligibility) {

        static Product of(Offer offer, Strategy strategy) {
            return new Product(offer.id(), offer.name(), offer.category(), offer.url(),
                    strategy.rules().stream().filter(rule -> rule.offer().equals(offer.id()))
                            .map(rule -> new Criterion(strategy.name(), rule.name(), rule.when())).toList());
        }
    }

    @RegisterForReflection
    record Criterion(String strategy, String rule, String when) {
    }
}
