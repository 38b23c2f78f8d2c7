package io.nextbestoffer.platform.http;

import java.time.Duration;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;

import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import io.github.bucket4j.TimeMeter;

/** A bucket of requests for each client, filled again as time goes by. In memory: each replica counts for itself. */
final class RateLimit {

    /** From its first request: then a client has a full bucket again, which it would have after a second anyhow. */
    private static final Duration FORGET = Duration.ofMinutes(1);

    private final int perSecond;
    private final TimeMeter time;
    private final Cache<String, Bucket> buckets;

    RateLimit(int perSecond, int clients, TimeMeter time) {
        this.perSecond = perSecond;
        this.time = time;
        // Not after access, of which kind a native image has no class; not loading, which there is warned of
        buckets = Caffeine.newBuilder().maximumSize(clients).expireAfterWrite(FORGET).build();
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
