package io.nextbestoffer.latest;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.sse.OutboundSseEvent;
import jakarta.ws.rs.sse.Sse;

import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

import io.nextbestoffer.attribute.Id;
import io.nextbestoffer.offer.Catalog;
import io.nextbestoffer.offer.Offer;
import io.nextbestoffer.offer.Offers;
import io.nextbestoffer.platform.Roles;
import io.nextbestoffer.platform.http.ClientKey;
import io.nextbestoffer.platform.security.CurrentActor;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;

@Path("/offers/stream")
@Tag(name = "Latest offer")
@RolesAllowed(Roles.READER)
class OfferStreamResource {

    /** Keeps proxies from closing an idle connection, and detects listeners that have gone, which only a write does. */
    private static final Duration KEEP_ALIVE = Duration.ofSeconds(15);

    private final OfferStream stream;
    private final Offers catalog;
    private final CurrentActor actor;
    private final Clock clock;
    private final RoutingContext request;

    OfferStreamResource(OfferStream stream, Offers catalog, CurrentActor actor, Clock clock, RoutingContext request) {
        this.stream = stream;
        this.catalog = catalog;
        this.actor = actor;
        this.clock = clock;
        this.request = request;
    }

    @GET
    @Produces(MediaType.SERVER_SENT_EVENTS)
    @Operation(summary = "Streams offers as they are made, as server-sent events that match all given filters")
    public Multi<OutboundSseEvent> offers(
            @Parameter(description = "Only offers for this customer, by id") @QueryParam("customer")
            @Nullable String customer,
            @Parameter(description = "Only this offer, by id") @QueryParam("offer") @Nullable String offer,
            @Parameter(description = "Only offers that are in this category of the catalog now") @QueryParam("category")
            @Nullable String category,
            @Parameter(description = "Only offers chosen by this strategy, by name") @QueryParam("strategy")
            @Nullable String strategy,
            @Context Sse sse) {
        // nginx would hold events back until its buffer is full
        request.response().putHeader("X-Accel-Buffering", "no");
        OfferStream.Admission admission = stream.admit(ClientKey.of(request));
        // Nothing else reports a client that disconnects before the stream is subscribed
        request.addEndHandler(ended -> admission.close());
        if (request.response().closed()) {
            admission.close();
        }
        Multi<OutboundSseEvent> offers = admission.offers()
                .filter(one -> customer == null || one.customer().text().equals(customer))
                .filter(one -> offer == null || one.offer().text().equals(offer))
                .filter(one -> category == null || category.equals(category(one.offer())))
                .filter(one -> strategy == null || strategy.equals(one.strategy()))
                .map(one -> sse.newEventBuilder().id(one.decisionId()).name("offer")
                        .data(String.class, one.json()).build());
        Multi<OutboundSseEvent> alive = Uni.createFrom().deferred(stream::following)
                .onItem().transformToMulti(now -> Multi.createFrom().ticks().every(KEEP_ALIVE).onOverflow().drop())
                .map(tick -> sse.newEventBuilder().comment("listening").build());
        return Multi.createBy().merging().streams(offers.map(Optional::of), alive.map(Optional::of),
                stream.end().map(ended -> Optional.<OutboundSseEvent>empty()).toMulti(),
                expiry().map(expired -> Optional.<OutboundSseEvent>empty()).toMulti())
                .select().first(Optional::isPresent).map(Optional::get);
    }

    /** Completes when the caller's token expires. */
    private Uni<Void> expiry() {
        Instant expiry = actor.tokenExpiry();
        return expiry == null
                ? Uni.createFrom().nothing()
                : Uni.createFrom().voidItem().onItem().delayIt()
                        .by(Duration.ofMillis(Math.max(1, expiry.toEpochMilli() - clock.millis())));
    }

    private @Nullable String category(Id offer) {
        Catalog current = catalog.current();
        Offer known = current == null ? null : current.get(offer);
        return known == null ? null : known.category();
    }
}
