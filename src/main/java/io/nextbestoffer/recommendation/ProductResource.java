package io.nextbestoffer.recommendation;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;

import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

import com.fasterxml.jackson.annotation.JsonProperty;

import io.nextbestoffer.attribute.Id;
import io.nextbestoffer.governance.Snapshot;
import io.nextbestoffer.governance.Snapshots;
import io.nextbestoffer.offer.Catalog;
import io.nextbestoffer.offer.Offer;
import io.nextbestoffer.platform.Roles;
import io.nextbestoffer.strategy.Strategy;
import io.quarkus.runtime.annotations.RegisterForReflection;

/** Lists the products of the catalog. */
@Path("/products")
@Tag(name = "Offers")
@RolesAllowed({Roles.READER, Roles.MARKETER, Roles.APPROVER})
class ProductResource {

    private final Snapshots snapshots;

    ProductResource(Snapshots snapshots) {
        this.snapshots = snapshots;
    }

    @GET
    @Operation(summary = "Lists the catalog, with the rules by which each product is offered")
    public List<Product> list() {
        Snapshot snapshot = snapshots.require();
        return snapshot.catalog().offers().values().stream()
                .sorted((one, other) -> Catalog.ORDER.compare(one.id(), other.id()))
                .map(offer -> Product.of(offer, snapshot.active().strategies().values())).toList();
    }

    /**
     * @param attributes the attributes that strategies read, for example the minimum income
     * @param eligibility the rules that can choose the product; one that holds is enough
     */
    @RegisterForReflection
    record Product(@JsonProperty("product_id") Id id, @JsonProperty("product_name") String name,
            @Nullable String category, String url, Map<String, Object> attributes, List<EligibilityRule> eligibility) {

        static Product of(Offer offer, Collection<Strategy> strategies) {
            return new Product(offer.id(), offer.name(), offer.category(), offer.url(), offer.attributes().asMap(),
                    strategies.stream().sorted(Comparator.comparing(Strategy::name))
                            .flatMap(strategy -> strategy.criteria(offer).stream()
                                    .map(one -> new EligibilityRule(strategy.name(), one.rule(), one.when())))
                            .toList());
        }
    }

    @RegisterForReflection
    record EligibilityRule(String strategy, String rule, String when) {
    }
}
