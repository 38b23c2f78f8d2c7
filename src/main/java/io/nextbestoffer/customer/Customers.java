package io.nextbestoffer.customer;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.stream.Collectors;

import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.cache.CaffeineCacheMetrics;
import io.nextbestoffer.attribute.Id;
import io.nextbestoffer.attribute.InvalidInputException;
import io.nextbestoffer.kafka.avro.RecordDecoder;
import io.nextbestoffer.kafka.avro.SchemaCache;
import io.nextbestoffer.kafka.stage.KafkaStages;
import io.nextbestoffer.kafka.topic.ConsumerGroupConfig;
import io.nextbestoffer.kafka.topic.RecordPosition;
import io.nextbestoffer.kafka.topic.TopicConfig;
import io.nextbestoffer.kafka.topic.TopicTail;
import io.nextbestoffer.platform.Ticker;
import io.quarkus.runtime.Startup;
import io.smallrye.mutiny.Uni;

/**
 * The known customers: a bounded cache in front of Postgres. Every replica follows all changes and refreshes the
 * profiles that it has cached. The absence of a customer is never cached, because they may arrive at any moment.
 */
@Startup
@ApplicationScoped
public class Customers implements TopicTail.Listener {

    private static final Logger LOG = Logger.getLogger(Customers.class);

    /**
     * How long recent changes are kept. The group that writes to Postgres may lag behind this replica's tail, so that a
     * load may read an old row.
     */
    private static final Duration RECENT = Duration.ofMinutes(1);
    private static final int MAX_RECENT = 200_000;
    /**
     * After an outage of Postgres, the group that writes to it applies what has changed meanwhile. Rows that are loaded
     * before that may be older than the recent changes that are kept.
     */
    private static final long UNCERTAIN_NS = Duration.ofMinutes(1).toNanos();
    /** After this time the tail continues without the change, to apply later ones and to notice when it is closed. */
    private static final Duration SCHEMA_TIMEOUT = Duration.ofSeconds(20);
    private static final Duration REFRESH_INTERVAL = Duration.ofMillis(500);
    private static final Duration REFRESH_TIMEOUT = Duration.ofSeconds(10);
    private static final int MAX_REFRESHED = 1_000;

    private final CustomerRows rows;
    private final ChangeCodec codec;
    private final SchemaCache schemas;
    private final Cache<String, CustomerRows.Stored> cache;
    private final long refreshAfter;
    /** Ids of customers to read again. */
    private final Set<String> outdated = ConcurrentHashMap.newKeySet();
    private final Ticker refreshing;
    private final Cache<String, CustomerChange.OfOne> recent;
    private final TopicTail tail;
    /** When rows could not be loaded; by {@link System#nanoTime}. */
    private volatile long failedAt = System.nanoTime() - UNCERTAIN_NS;
    private volatile @Nullable ChangeOrder truncated;
    /**
     * Identifies the period since the last gap in the changes; null while some changes cannot be read. Rows that were
     * loaded in another period are not cached.
     */
    private volatile @Nullable Object period = new Object();

    Customers(CustomerRows rows, CustomerConfig config, ChangeCodec codec, SchemaCache schemas, KafkaStages stages,
            TopicConfig topics, ConsumerGroupConfig groups, MeterRegistry metrics) {
        this.rows = rows;
        this.schemas = schemas;
        this.codec = codec;
        cache = Caffeine.newBuilder().maximumSize(config.cache().size())
                .expireAfterWrite(config.cache().expireAfter()).recordStats().build();
        recent = Caffeine.newBuilder().maximumSize(MAX_RECENT).expireAfterWrite(RECENT).build();
        CaffeineCacheMetrics.monitor(metrics, cache, "customers");
        tail = stages.tail(topics.customers(), groups.customers(), "customers-tail", this);
        refreshAfter = config.cache().refreshAfter().toNanos();
        refreshing = Ticker.every(REFRESH_INTERVAL, this::refresh, failure -> LOG.debugf(
                "profiles in memory could not be read again: %s", failure.getClass().getName()));
    }

    /** @return the cached customer; null if {@link #find} must ask Postgres */
    public @Nullable Customer inMemory(String id) {
        CustomerRows.Stored stored = cache.getIfPresent(id);
        if (stored == null) {
            return null;
        }
        if (System.nanoTime() - stored.readAt() > refreshAfter) {
            outdated.add(id);
        }
        return stored.customer();
    }

    /** @return the known ones among these customers, by id as text */
    public Uni<Map<String, Customer>> find(Collection<String> ids) {
        var found = new HashMap<String, Customer>();
        var missing = new ArrayList<String>();
        for (String id : ids) {
            Customer cached = inMemory(id);
            if (cached == null) {
                missing.add(id);
            } else {
                found.put(id, cached);
            }
        }
        if (missing.isEmpty()) {
            return Uni.createFrom().item(found);
        }
        return load(missing).invoke(found::putAll).replaceWith(found);
    }

    /** Loads and caches customers. @return the known ones, by id as text */
    private Uni<Map<String, Customer>> load(Collection<String> ids) {
        // Rows are cached only once the tail sees the changes that must refresh them
        return tail.ready().chain(() -> {
            Object begun = period;
            return rows.load(ids).onFailure().invoke(() -> failedAt = System.nanoTime()).map(loaded -> {
                var found = new HashMap<String, Customer>();
                boolean keep = begun != null && begun == period && System.nanoTime() - failedAt >= UNCERTAIN_NS;
                for (var stored : loaded) {
                    String id = stored.customer().id().text();
                    CustomerRows.Stored newest = keep
                            ? cache.asMap().compute(id, (key, held) -> newest(stored, held))
                            : newest(stored, null);
                    if (newest != null) {
                        found.put(id, newest.customer());
                    }
                }
                return found;
            });
        });
    }

    /**
     * Reads profiles again that are in use and were read long ago. Nothing waits for this: while Postgres does not
     * answer, the profiles in memory stay in use, and changes still reach them by Kafka.
     */
    private Uni<Void> refresh() {
        var ids = new ArrayList<String>();
        for (var next = outdated.iterator(); next.hasNext() && ids.size() < MAX_REFRESHED; next.remove()) {
            ids.add(next.next());
        }
        if (ids.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        long begun = System.nanoTime();
        return load(ids).ifNoItem().after(REFRESH_TIMEOUT).fail().invoke(found -> {
            ids.removeAll(found.keySet());
            ids.forEach(id -> cache.asMap().computeIfPresent(id, (key, held) -> held.readAt() < begun ? null : held));
        }).replaceWithVoid();
    }

    /** @param id the id as a caller writes it; {@link Id#customerText} normalizes it */
    public Uni<Optional<Customer>> find(String id) {
        String text = Id.customerText(id);
        return find(List.of(text)).map(found -> Optional.ofNullable(found.get(text)));
    }

    /**
     * Bypasses the cache, so that bulk reads do not evict profiles in use.
     *
     * @return the known ones among these customers, by id as text
     */
    public Uni<Map<String, Customer>> stored(Collection<String> ids) {
        return rows.load(ids).map(loaded -> loaded.stream().map(CustomerRows.Stored::customer)
                .collect(Collectors.toMap(customer -> customer.id().text(), Function.identity())));
    }

    private CustomerRows.@Nullable Stored newest(CustomerRows.Stored loaded, CustomerRows.@Nullable Stored held) {
        ChangeOrder floor = truncated;
        if (floor != null && loaded.order().isOlderThan(floor)) {
            return null;
        }
        CustomerRows.Stored newest = held != null && loaded.order().isOlderThan(held.order())
                ? new CustomerRows.Stored(held.customer(), held.order(), held.rowKey(), loaded.readAt())
                : loaded;
        CustomerChange.OfOne change = recent.getIfPresent(loaded.customer().id().text());
        return change == null ? newest : after(newest, change);
    }

    /** @return the customer after the change; null if it deleted them */
    static CustomerRows.@Nullable Stored after(CustomerRows.Stored known, CustomerChange.OfOne change) {
        if (change.order().isOlderThan(known.order())) {
            return known;
        }
        if (change instanceof CustomerChange.Stored stored) {
            return new CustomerRows.Stored(stored.over(known.customer().attributes()).customer(), stored.order(),
                    stored.rowKey(), known.readAt());
        }
        return ((CustomerChange.Deleted) change).isOfAnotherRowThan(known.rowKey()) ? known : null;
    }

    /** @return one change of a customer that has the effect of both */
    static CustomerChange.OfOne both(CustomerChange.OfOne first, CustomerChange.OfOne second) {
        if (second.order().isOlderThan(first.order())) {
            return first;
        }
        if (second instanceof CustomerChange.Stored stored) {
            return first instanceof CustomerChange.Stored before
                    ? stored.over(before.customer().attributes())
                    : stored.overNothing();
        }
        return ((CustomerChange.Deleted) second).isOfAnotherRowThan(first.rowKey()) ? first : second;
    }

    @Override
    public void record(RecordPosition position, ConsumerRecord<byte[], byte[]> record) {
        var ids = new RecordDecoder.SchemaIds();
        codec.addSchemaIds(ids, record.key(), record.value());
        RecordDecoder decoder = decoder(ids);
        if (decoder == null) {
            return;
        }
        CustomerChange change;
        try {
            change = codec.read(decoder, record.key(), record.value(), position);
        } catch (InvalidInputException e) {
            // CustomerChanges sends it to the dead-letter topic
            return;
        }
        if (change instanceof CustomerChange.OfOne one) {
            String id = one.id().text();
            recent.asMap().merge(id, one, Customers::both);
            cache.asMap().computeIfPresent(id, (key, known) -> after(known, one));
        } else if (change instanceof CustomerChange.Truncated) {
            truncated = change.order();
            cache.invalidateAll();
        }
    }

    /** @return null if the registry does not return the schemas in time, or failed to do so before */
    private @Nullable RecordDecoder decoder(RecordDecoder.SchemaIds ids) {
        RecordDecoder inMemory = schemas.cachedDecoder(ids);
        if (inMemory != null || period == null) {
            return inMemory;
        }
        var coming = schemas.decoder(ids).subscribeAsCompletionStage();
        try {
            return coming.get(SCHEMA_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            // The change may be of any customer, so from now on all are loaded from Postgres, where it will be applied.
            // Once the schema arrives, the tail restarts at the changes that are not in Postgres yet
            LOG.warn("changes of customers wait for the schema registry; until it answers, no customer is cached");
            period = null;
            cache.invalidateAll();
            coming.thenRun(tail::restart);
            return null;
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void gap() {
        period = new Object();
        cache.invalidateAll();
    }

    @PreDestroy
    void close() {
        refreshing.close();
        tail.close();
    }
}
