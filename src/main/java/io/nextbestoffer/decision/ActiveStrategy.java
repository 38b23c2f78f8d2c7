package io.nextbestoffer.decision;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;

import jakarta.enterprise.context.ApplicationScoped;

import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

import io.nextbestoffer.attribute.Id;
import io.nextbestoffer.offer.Catalog;
import io.nextbestoffer.offer.Offers;
import io.nextbestoffer.strategy.InvalidStrategyException;
import io.nextbestoffer.strategy.Strategy;
import io.quarkus.runtime.Startup;

/** The strategy in force, with the offers it chooses from. */
@Startup
@ApplicationScoped
public class ActiveStrategy {

    private static final Logger LOG = Logger.getLogger(ActiveStrategy.class);

    private final Offers offers;
    private final Strategy strategy;

    /** Stops the start with a message that names the document, if it is missing or wrong. */
    ActiveStrategy(Offers offers, StrategyConfig config) {
        this.offers = offers;
        strategy = load(config.document());
        LOG.infof("strategy %s, version %d", strategy.name(), strategy.version());
    }

    public Strategy strategy() {
        return strategy;
    }

    /** What to decide by now; null while {@link #obstacle} says why not. */
    public @Nullable Snapshot snapshot() {
        Catalog catalog = offers.current();
        return catalog == null || !catalog.missing(strategy.offers()).isEmpty()
                ? null
                : new Snapshot(strategy, catalog);
    }

    /** What keeps this replica from deciding, or will soon; null if nothing does. */
    public @Nullable String obstacle() {
        if (!offers.isReachable()) {
            return "Postgres does not answer";
        }
        Catalog catalog = offers.current();
        if (catalog == null) {
            return "the catalog could not be read from Postgres lately";
        }
        Collection<Id> missing = catalog.missing(strategy.offers());
        return missing.isEmpty()
                ? null
                : "the catalog lacks offers that strategy " + strategy.name() + " chooses: " + missing;
    }

    private static Strategy load(String document) {
        try (InputStream stream = Thread.currentThread().getContextClassLoader().getResourceAsStream(document)) {
            if (stream == null) {
                throw new IllegalStateException("nbo.strategy.document: " + document + " is not on the class path");
            }
            return Strategy.parse(new String(stream.readAllBytes(), StandardCharsets.UTF_8));
        } catch (InvalidStrategyException e) {
            throw new IllegalStateException("nbo.strategy.document: " + document + ": " + e.getMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
