package io.nextbestoffer.kafka.avro;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

import javax.net.ssl.SSLContext;

import jakarta.enterprise.context.ApplicationScoped;

import org.apache.avro.Schema;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;

import io.nextbestoffer.attribute.InvalidInputException;
import io.quarkus.runtime.Startup;
import io.quarkus.tls.TlsConfigurationRegistry;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;

/**
 * Caches the registry's schemas by id. The schema of an id never changes, so each is fetched once. While the registry
 * is unreachable, callers wait for schemas that are not cached.
 */
@Startup
@ApplicationScoped
public class SchemaCache {

    private static final Logger LOG = Logger.getLogger(SchemaCache.class);

    private static final Duration FIRST_RETRY = Duration.ofMillis(200);
    private static final Duration LAST_RETRY = Duration.ofSeconds(3);
    /** A flood of unknown ids must not become a flood of requests. */
    private static final int MAX_CONCURRENT_REQUESTS = 16;
    private static final int MAX_UNKNOWN = 10_000;

    /** The registry's answer for an id. */
    sealed interface Known {

        record Usable(AvroReader reader) implements Known {
        }

        /** The bytes after the schema id are JSON. */
        record Json() implements Known {
        }

        record Unusable(String reason) implements Known {
        }
    }

    private final @Nullable RegistryClient registry;
    private final Cache<Integer, Known> known;
    private final Cache<Integer, Known> unknown;
    private final Trouble reading = new Trouble();
    private final Trouble writing = new Trouble();

    SchemaCache(RegistryConfig config, TlsConfigurationRegistry tls) {
        registry = config.url().map(url -> client(url, config, tls)).orElse(null);
        known = Caffeine.newBuilder().maximumSize(config.cacheSize()).build();
        unknown = Caffeine.newBuilder().maximumSize(MAX_UNKNOWN).expireAfterWrite(config.unknownFor()).build();
    }

    private static RegistryClient client(String url, RegistryConfig config, TlsConfigurationRegistry tls) {
        if (config.username().isPresent() && config.token().isPresent()) {
            throw new IllegalArgumentException("nbo.registry.username and nbo.registry.token are both set");
        }
        String authorization = config.token().map(token -> "Bearer " + token)
                .or(() -> config.username()
                        .map(name -> RegistryClient.basic(name, config.password().orElse(""))))
                .orElse(null);
        return new RegistryClient(uri(url), config.timeout(), authorization,
                config.tlsConfiguration().map(name -> sslContext(name, tls)).orElse(null),
                Infrastructure.getDefaultExecutor());
    }

    private static URI uri(String url) {
        try {
            var uri = new URI(url);
            if (uri.getHost() != null && uri.getUserInfo() == null && uri.getQuery() == null
                    && ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))) {
                return uri;
            }
        } catch (URISyntaxException e) {
            // handled below
        }
        // Not shown, because it may contain a password
        throw new IllegalArgumentException(
                "nbo.registry.url must be an absolute http or https URL without user name and query");
    }

    private static SSLContext sslContext(String name, TlsConfigurationRegistry tls) {
        try {
            return tls.get(name).orElseThrow(() -> new IllegalArgumentException(
                    "nbo.registry.tls-configuration names " + name + ", but there is no quarkus.tls." + name))
                    .createSSLContext();
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalArgumentException("quarkus.tls." + name + " can't be used", e);
        }
    }

    /** Whether a registry is configured. */
    public boolean configured() {
        return registry != null;
    }

    /**
     * A decoder for records with these schemas. It is available at once if no record has a schema id or all schemas are
     * cached; otherwise on a worker thread, once the registry has answered. Waits while the registry is unreachable, so
     * it never fails.
     */
    public Uni<RecordDecoder> decoder(RecordDecoder.SchemaIds schemaIds) {
        Set<Integer> ids = schemaIds.ids();
        if (ids.isEmpty() || registry == null) {
            return Uni.createFrom().item(RecordDecoder.JSON_ONLY);
        }
        Map<Integer, Known> found = held(ids);
        List<Integer> missing = ids.stream().filter(id -> !found.containsKey(id)).toList();
        return missing.isEmpty()
                ? Uni.createFrom().item(new RecordDecoder(found))
                : Multi.createFrom().iterable(missing)
                        .onItem().transformToUni(id -> fetch(id).map(one -> Map.entry(id, one)))
                        .merge(MAX_CONCURRENT_REQUESTS)
                        .collect().asList()
                        .emitOn(Infrastructure.getDefaultExecutor())
                        .map(fetched -> {
                            fetched.forEach(one -> found.put(one.getKey(), one.getValue()));
                            return new RecordDecoder(found);
                        });
    }

    /** @return a decoder for records with these schemas; null if one of them is not cached */
    public @Nullable RecordDecoder cachedDecoder(RecordDecoder.SchemaIds schemaIds) {
        Set<Integer> ids = schemaIds.ids();
        if (ids.isEmpty() || registry == null) {
            return RecordDecoder.JSON_ONLY;
        }
        Map<Integer, Known> found = held(ids);
        return found.size() == ids.size() ? new RecordDecoder(found) : null;
    }

    /** Returns those of these schemas that are cached. */
    private Map<Integer, Known> held(Set<Integer> ids) {
        Map<Integer, Known> held = new HashMap<>();
        for (Integer id : ids) {
            Known one = inMemory(id);
            if (one != null) {
                held.put(id, one);
            }
        }
        return held;
    }

    private @Nullable Known inMemory(int id) {
        if (id <= 0) {
            return unknown(id);
        }
        Known one = known.getIfPresent(id);
        return one == null ? unknown.getIfPresent(id) : one;
    }

    private static Known unknown(int id) {
        return new Known.Unusable("the schema registry knows no schema " + id);
    }

    private Uni<Known> fetch(int id) {
        return reading.persistently(Uni.createFrom().deferred(() -> registry.schema(id))).map(answer -> {
            if (answer instanceof RegistryClient.Answer.Found schema) {
                return remember(id, schema.schema());
            }
            if (answer instanceof RegistryClient.Answer.Json) {
                Known json = new Known.Json();
                known.put(id, json);
                return json;
            }
            if (answer instanceof RegistryClient.Answer.Unusable unusable) {
                known.put(id, new Known.Unusable(unusable.reason()));
                return new Known.Unusable(unusable.reason());
            }
            // It may be registered at any moment, although producers register a schema before they use it
            Known absent = unknown(id);
            unknown.put(id, absent);
            return absent;
        });
    }

    private Known remember(int id, Schema schema) {
        Known read;
        try {
            read = new Known.Usable(new AvroReader(schema));
        } catch (InvalidInputException e) {
            read = new Known.Unusable("schema " + id + " of the registry cannot be used: " + e.getMessage());
        }
        known.put(id, read);
        return read;
    }

    /**
     * A writer for a schema, once the registry has it. Waits until then.
     *
     * @param register whether to register the schema if the registry does not have it
     */
    public Uni<AvroWriter> writer(String subject, Schema schema, boolean register) {
        return writing.persistently(Uni.createFrom().deferred(() -> register
                ? registry.register(subject, schema)
                : registry.lookUp(subject, schema)))
                .map(id -> {
                    remember(id, schema);
                    LOG.infof("schema of %s: %s %d", subject, schema.getFullName(), id);
                    return new AvroWriter(id, schema);
                });
    }

    /** Why records wait for the registry; null if none wait, even if it is unreachable. */
    public @Nullable String trouble() {
        String trouble = reading.current();
        return trouble == null ? writing.current() : trouble;
    }

    /**
     * The state of requests, separate for reading and writing: if the registry rejects our schema, others can still be
     * read.
     */
    private static final class Trouble {

        private final AtomicInteger waiting = new AtomicInteger();
        private volatile @Nullable String last;

        <T> Uni<T> persistently(Uni<T> request) {
            return request
                    .onFailure().invoke(failure -> note(failure instanceof RegistryException refusal
                            ? refusal.getMessage()
                            : failure.getClass().getName()))
                    .onFailure().retry().withBackOff(FIRST_RETRY, LAST_RETRY).indefinitely()
                    .invoke(() -> note(null))
                    .onSubscription().invoke(waiting::incrementAndGet)
                    .onTermination().invoke(waiting::decrementAndGet);
        }

        private void note(@Nullable String trouble) {
            if (trouble != null && !trouble.equals(last)) {
                LOG.warnf("the schema registry %s; waiting for it", trouble);
            } else if (trouble == null && last != null) {
                LOG.info("the schema registry answers again");
            }
            last = trouble;
        }

        @Nullable
        String current() {
            String trouble = last;
            return trouble == null || waiting.get() == 0 ? null : "the schema registry " + trouble;
        }
    }
}
