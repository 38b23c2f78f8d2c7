package io.nextbestoffer.offer;

import java.time.Instant;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import com.fasterxml.jackson.annotation.JsonProperty;

import io.nextbestoffer.attribute.Id;
import io.quarkus.runtime.annotations.RegisterForReflection;

/** An offer in a response. */
@RegisterForReflection
record OfferJson(@JsonProperty(OfferRequest.ID) Id id, @JsonProperty(OfferRequest.NAME) String name,
        @JsonProperty(OfferRequest.URL) String url, @Nullable String category,
        @JsonProperty(OfferRequest.VALID_FROM) @Nullable Instant validFrom,
        @JsonProperty(OfferRequest.VALID_UNTIL) @Nullable Instant validUntil,
        Map<String, Object> attributes) {

    static OfferJson of(Offer offer) {
        return new OfferJson(offer.id(), offer.name(), offer.url(), offer.category(), offer.validFrom(),
                offer.validUntil(), offer.attributes().asMap());
    }
}
