package io.nextbestoffer.http;

import java.time.Duration;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;

import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import io.github.bucket4j.TimeMeter;

/** A bucket of requests for each client, filled again as time goes by. In memory: each replica counts for itself. */
final class RateLimit {

    /** From its first request: then a client has a full bucket again, which it would have after a second anyhow. */
    private static final Duration FORGET = Duration.ofMinutes(1);

    private final LoadingCache<String, Bucket> buckets;

    RateLimit(int perSecond, int clients, TimeMeter time) {
        buckets = Caffeine.newBuilder().maximumSize(clients)
                // Not after access: of that kind of cache a native image has no class
                .expireAfterWrite(FORGET)
                .build(client -> Bucket.builder().withCustomTimePrecision(time).addLimit(limit -> limit
                        .capacity(perSecond).refillGreedy(perSecond, Duration.ofSeconds(1)))
                        .build());
    }

    ConsumptionProbe take(String client) {
        return buckets.get(client).tryConsumeAndReturnRemaining(1);
    }

    long remembered() {
        buckets.cleanUp();
        return buckets.estimatedSize();
    }
}
