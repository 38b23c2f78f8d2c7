package io.nextbestoffer.offer;

import java.util.List;

import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;

import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

import com.fasterxml.jackson.annotation.JsonProperty;

import io.nextbestoffer.attribute.Id;
import io.quarkus.hibernate.reactive.panache.common.WithSession;
import io.quarkus.panache.common.Sort;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.smallrye.mutiny.Uni;

@Path("/offers")
@Tag(name = "Offers")
class OfferResource {

    @GET
    @WithSession
    @Operation(summary = "All offers of the catalog, in the order of their ids as text")
    public Uni<List<Listed>> list() {
        return OfferRow.<OfferRow>listAll(Sort.by("id"))
                .map(rows -> rows.stream().map(OfferRow::offer).map(Listed::of).toList());
    }

    @RegisterForReflection
    record Listed(@JsonProperty("offer_id") Id id, @JsonProperty("offer_name") String name,
            @JsonProperty("offer_url") String url, @Nullable String category) {

        static Listed of(Offer offer) {
            return new Listed(offer.id(), offer.name(), offer.url(), offer.category());
        }
    }
}
