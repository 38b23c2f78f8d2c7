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

/** Saved versions, compiled. As a version never changes, it is compiled once. */
@ApplicationScoped
class CompiledStrategyCache {

    private static final Logger LOG = Logger.getLogger(CompiledStrategyCache.class);
    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final int MOST = 500;

    private final Cache<VersionRef, Compiled> cache = Caffeine.newBuilder().maximumSize(MOST).build();

    /**
     * @param document null if it can't be compiled, for example because a newer release wrote it
     * @param problem why not
     */
    record Compiled(@Nullable Document document, @Nullable String problem) {
    }

    /** One version; null if there is none. */
    Uni<@Nullable Compiled> find(SqlClient client, VersionRef version) {
        return find(client, List.of(version)).map(found -> found.get(version));
    }

    /** Those of the versions that there are. */
    Uni<Map<VersionRef, Compiled>> find(SqlClient client, Collection<VersionRef> versions) {
        var found = new HashMap<>(cache.getAllPresent(versions));
        List<VersionRef> missing = versions.stream().filter(version -> !found.containsKey(version)).toList();
        if (missing.isEmpty()) {
            return Uni.createFrom().item(found);
        }
        return client.preparedQuery("""
                select v.strategy, v.version, v.document
                from unnest($1::text[], $2::int[]) as asked (strategy, version)
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

    private static Compiled compile(VersionRef version, String text) {
        String problem;
        try {
            Document document = Document.parse(text, version.version());
            if (document.name().equals(version.strategy())) {
                return new Compiled(document, null);
            }
            problem = "its document is of " + document.name();
        } catch (InvalidInputException e) {
            problem = e.getMessage().lines().collect(Collectors.joining("; "));
        } catch (RuntimeException e) {
            problem = "the compiler failed with " + e.getClass().getName();
        }
        LOG.errorf("%s can't be used: %s", version, problem);
        return new Compiled(null, problem);
    }
}
