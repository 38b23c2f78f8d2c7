package io.nextbestoffer.platform;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/**
 * Logs an event that callers can repeat at will: the first one at once, and then at most one line a minute, with the
 * number of events since the line before.
 */
public final class ThrottledLog {

    private static final long INTERVAL_NS = Duration.ofMinutes(1).toNanos();

    private final LongConsumer log;
    private final LongSupplier nanoTime;
    private final AtomicLong events = new AtomicLong();
    private final AtomicLong nextLine;

    /** @param log receives the number of events to report */
    public ThrottledLog(LongConsumer log) {
        this(log, System::nanoTime);
    }

    ThrottledLog(LongConsumer log, LongSupplier nanoTime) {
        this.log = log;
        this.nanoTime = nanoTime;
        this.nextLine = new AtomicLong(nanoTime.getAsLong());
    }

    public void event() {
        events.incrementAndGet();
        long now = nanoTime.getAsLong();
        long next = nextLine.get();
        if (now - next >= 0 && nextLine.compareAndSet(next, now + INTERVAL_NS)) {
            log.accept(events.getAndSet(0));
        }
    }
}
