package io.nextbestoffer.platform.http;

import java.time.Duration;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;

import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import io.github.bucket4j.TimeMeter;

/** A token bucket per client, in memory: each replica counts for itself. */
final class RateLimit {

    /**
     * Age at which a bucket is replaced by a full one. This is harmless: a second without requests fills any bucket.
     */
    private static final Duration MAX_AGE = Duration.ofMinutes(1);

    private final int perSecond;
    private final TimeMeter time;
    private final Cache<String, Bucket> buckets;

    RateLimit(int perSecond, int clients, TimeMeter time) {
        this.perSecond = perSecond;
        this.time = time;
        // The native image lacks the classes of expireAfterAccess, and warns of loading caches
        buckets = Caffeine.newBuilder().maximumSize(clients).expireAfterWrite(MAX_AGE).build();
    }

    ConsumptionProbe take(String client) {
        return buckets.get(client, this::full).tryConsumeAndReturnRemaining(1);
    }

    private Bucket full(String client) {
        return Bucket.builder().withCustomTimePrecision(time)
                .addLimit(limit -> limit.capacity(perSecond).refillGreedy(perSecond, Duration.ofSeconds(1))).build();
    }

    long remembered() {
        buckets.cleanUp();
        return buckets.estimatedSize();
    }
}
