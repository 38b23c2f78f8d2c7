package io.nextbestoffer.governance;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

import jakarta.enterprise.context.ApplicationScoped;

import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;

import io.nextbestoffer.attribute.InvalidInputException;
import io.nextbestoffer.strategy.Document;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.SqlClient;
import io.vertx.mutiny.sqlclient.Tuple;

/** Compiles stored versions. Versions never change, so a cached one never expires. */
@ApplicationScoped
class CompiledStrategyCache {

    private static final Logger LOG = Logger.getLogger(CompiledStrategyCache.class);
    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final int MAX_ENTRIES = 500;

    private final Cache<VersionRef, CompiledDocument> cache = Caffeine.newBuilder().maximumSize(MAX_ENTRIES).build();

    /**
     * @param document null if it can't be compiled, for example because a newer release stored it
     * @param problem why it can't be compiled; null if it can
     */
    record CompiledDocument(@Nullable Document document, @Nullable String problem) {
    }

    /** One version; null if it does not exist. */
    Uni<@Nullable CompiledDocument> find(SqlClient client, VersionRef version) {
        return find(client, List.of(version)).map(found -> found.get(version));
    }

    /** The given versions, without those that do not exist. */
    Uni<Map<VersionRef, CompiledDocument>> find(SqlClient client, Collection<VersionRef> versions) {
        var found = new HashMap<>(cache.getAllPresent(versions));
        List<VersionRef> missing = versions.stream().filter(version -> !found.containsKey(version)).toList();
        if (missing.isEmpty()) {
            return Uni.createFrom().item(found);
        }
        return client.preparedQuery("""
                select v.strategy, v.version, v.document
                from unnest($1::text[], $2::int[]) as requested (strategy, version)
                join strategy_version v using (strategy, version)
                """)
                .execute(Tuple.of(missing.stream().map(VersionRef::strategy).toArray(String[]::new),
                        missing.stream().map(VersionRef::version).toArray(Integer[]::new)))
                .ifNoItem().after(TIMEOUT).fail()
                .emitOn(Infrastructure.getDefaultExecutor())
                .map(rows -> {
                    for (Row row : rows) {
                        var version = new VersionRef(row.getString(0), row.getInteger(1));
                        found.put(version, cache.get(version, key -> compile(key, row.getString(2))));
                    }
                    return found;
                });
    }

    private static CompiledDocument compile(VersionRef version, String text) {
        String problem;
        try {
            Document document = Document.parse(text, version.version());
            if (document.name().equals(version.strategy())) {
                return new CompiledDocument(document, null);
            }
            problem = "its document belongs to " + document.name();
        } catch (InvalidInputException e) {
            problem = e.getMessage().lines().collect(Collectors.joining("; "));
        } catch (RuntimeException e) {
            problem = "the compiler failed with " + e.getClass().getName();
        }
        LOG.errorf("%s can't be used: %s", version, problem);
        return new CompiledDocument(null, problem);
    }
}
