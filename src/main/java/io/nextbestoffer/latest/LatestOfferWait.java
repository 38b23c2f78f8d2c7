package io.nextbestoffer.latest;

import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import jakarta.enterprise.context.ApplicationScoped;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.kafka.topic.RecordPosition;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;

/**
 * Looks up latest offers for callers who have read an offer on the topic before the view has stored it: repeats the
 * look-up until the offer is stored, or the time is up.
 */
@ApplicationScoped
class LatestOfferWait {

    /** The longest time that a caller can wait. */
    static final Duration MAX_WAIT = Duration.ofSeconds(10);
    private static final Duration DEFAULT_WAIT = Duration.ofSeconds(2);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(20);
    private static final Duration LAST_PAUSE = Duration.ofMillis(100);

    /** Limit of callers who wait at the same time, because each repeats a statement. Others are answered at once. */
    private static final int MAX_CALLERS = 500;

    /** How many activities before an offer are searched for an earlier decision. This takes a few milliseconds. */
    private static final int MAX_EARLIER = 5_000;

    /** A preference of RFC 7240, section 4.3, which may be one of several. */
    private static final Pattern WAIT = Pattern
            .compile("(?i)(?:^|[,;])\\s*wait\\s*=\\s*\"?(\\d{1,9})\"?\\s*(?=$|[,;])");

    private final LatestOffers latest;
    private final AtomicInteger callers = new AtomicInteger();

    LatestOfferWait(LatestOffers latest) {
        this.latest = latest;
    }

    /** @param isFresh whether the offer is the one that the caller waits for, or a later one */
    record Result(LatestOffers.Found offer, boolean isFresh) {
    }

    /**
     * Reads how long a caller prefers to wait.
     *
     * @param prefer value of the header {@code Prefer}
     * @return at most 10 s; null if the header contains no valid {@code wait}, and is therefore ignored
     */
    static @Nullable Duration preferred(@Nullable String prefer) {
        Matcher wait = WAIT.matcher(prefer == null ? "" : prefer);
        return wait.find() ? Duration.ofSeconds(Math.min(MAX_WAIT.toSeconds(), Long.parseLong(wait.group(1)))) : null;
    }

    /**
     * Waits for a decision or a later one of the same customer; or, without a decision, for the first offer.
     *
     * @param customer id as text
     * @param wait null for the default of 2 s
     */
    Uni<Result> find(String customer, @Nullable UUID decision, @Nullable Duration wait) {
        boolean mayWait = callers.incrementAndGet() <= MAX_CALLERS;
        long end = System.nanoTime() + (!mayWait ? 0 : (wait == null ? DEFAULT_WAIT : wait).toNanos());
        return find(customer, new Awaited(decision), end, FIRST_PAUSE).onTermination()
                .invoke(callers::decrementAndGet);
    }

    private Uni<Result> find(String customer, Awaited awaited, long end, Duration pause) {
        return latest.find(customer)
                .emitOn(Infrastructure.getDefaultExecutor())
                .map(found -> new Result(found, awaited.isReachedBy(found)))
                .chain(result -> result.isFresh() || !result.offer().customerKnown() || System.nanoTime() >= end
                        ? Uni.createFrom().item(result)
                        : Uni.createFrom().voidItem().onItem().delayIt().by(pause)
                                .chain(() -> find(customer, awaited, end, longer(pause))));
    }

    private static Duration longer(Duration pause) {
        Duration twice = pause.multipliedBy(2);
        return twice.compareTo(LAST_PAUSE) < 0 ? twice : LAST_PAUSE;
    }

    /** What a caller waits for. It remembers which positions it has compared, because each comparison is a hash. */
    static final class Awaited {

        private final @Nullable UUID decision;
        private @Nullable RecordPosition compared;

        /** @param decision null for any */
        Awaited(@Nullable UUID decision) {
            this.decision = decision;
        }

        /** Whether an offer is the decision or a later one of its partition. */
        boolean isReachedBy(LatestOffers.Found found) {
            RecordPosition position = found.position();
            if (position == null || decision == null) {
                return position != null;
            }
            long first = position.offset() - MAX_EARLIER;
            if (compared != null && compared.topicId().equals(position.topicId())
                    && compared.partition() == position.partition()) {
                first = Math.max(first, compared.offset() + 1);
            }
            compared = position;
            // The id of a decision is a hash of its position
            for (long offset = position.offset(); offset >= Math.max(0, first); offset--) {
                if (new RecordPosition(position.topicId(), position.partition(), offset).decisionId()
                        .equals(decision)) {
                    return true;
                }
            }
            // An offer that was stored by its own position, because that of its activity is not known any more
            return String.valueOf(found.decision()).contains("\"decision_id\":\"" + decision + '"');
        }
    }
}
