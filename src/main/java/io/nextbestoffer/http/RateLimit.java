package io.nextbestoffer.http;

import java.time.Duration;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;

import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import io.github.bucket4j.TimeMeter;

/** A bucket of requests for each client, filled again as time goes by. In memory: each replica counts for itself. */
final class RateLimit {

    /** A full bucket need not be remembered; one is full after a second. */
    private static final Duration FORGET = Duration.ofMinutes(1);

    private final LoadingCache<String, Bucket> buckets;

    RateLimit(int perSecond, int clients, TimeMeter time) {
        buckets = Caffeine.newBuilder().maximumSize(clients).expireAfterAccess(FORGET)
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
