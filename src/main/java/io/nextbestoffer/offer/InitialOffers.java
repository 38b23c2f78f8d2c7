package io.nextbestoffer.offer;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Set;

import jakarta.enterprise.context.ApplicationScoped;

import org.jboss.logging.Logger;

import io.nextbestoffer.platform.security.Actor;
import io.quarkus.runtime.Startup;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Tuple;

/** Loads shipped offers into an empty catalog, if configured: to try the service without a bank's offers. */
@Startup
@ApplicationScoped
class InitialOffers {

    private static final Logger LOG = Logger.getLogger(InitialOffers.class);
    private static final List<String> SHIPPED = List.of("banking", "insurance", "private-banking");

    /** Recorded in the history of the offers as the actor who created them. */
    private static final Actor SERVICE = new Actor(null, "next-best-offer");

    /** Stops the start if an unknown catalog is configured. */
    InitialOffers(OfferRepository repository, OfferConfig config) {
        List<String> initial = config.initial().orElse(List.of());
        initial.stream().filter(name -> !SHIPPED.contains(name)).findFirst().ifPresent(name -> {
            throw new ConfigurationException("nbo.offers.initial names the catalog " + name
                    + ", which does not ship with the service. The catalogs are " + String.join(", ", SHIPPED),
                    Set.of("nbo.offers.initial"));
        });
        if (!initial.isEmpty()) {
            insert(repository, initial)
                    .onFailure().retry().withBackOff(Duration.ofMillis(200), Duration.ofSeconds(5)).indefinitely()
                    .subscribe().with(count -> LOG.infof("loaded %d shipped offers into the catalog", count));
        }
    }

    /** If two catalogs have an offer with the same id, the one of the first catalog is inserted. */
    static Uni<Integer> insert(OfferRepository repository, List<String> names) {
        String[] catalogs = names.stream().map(InitialOffers::read).toArray(String[]::new);
        return repository.write(SERVICE, transaction -> transaction.preparedQuery("""
                insert into offer (offer_id, offer_name, offer_url, category, attributes)
                select o->>'offer_id', o->>'offer_name', o->>'offer_url', o->>'category',
                    coalesce(o->'attributes', '{}')
                from unnest($1::text[]) with ordinality as c (catalog, place), json_array_elements(c.catalog::json) as o
                where not exists (select from offer)
                order by c.place
                on conflict (offer_id) do nothing
                """).execute(Tuple.tuple().addArrayOfString(catalogs)).map(result -> result.rowCount()));
    }

    private static String read(String name) {
        try (InputStream json = Thread.currentThread().getContextClassLoader()
                .getResourceAsStream("catalogs/" + name + ".json")) {
            return new String(json.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
