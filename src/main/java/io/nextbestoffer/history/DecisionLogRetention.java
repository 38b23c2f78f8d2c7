package io.nextbestoffer.history;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.function.Supplier;

import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;

import org.jboss.logging.Logger;

import io.nextbestoffer.platform.Ticker;
import io.quarkus.runtime.Startup;
import io.smallrye.mutiny.Uni;

/**
 * Says how old a trace may be, and drops what is older; makes the days to come; erases what was left. On each replica,
 * for those that store may be gone.
 */
@Startup
@ApplicationScoped
class DecisionLogRetention {

    private static final Logger LOG = Logger.getLogger(DecisionLogRetention.class);
    private static final Duration MINUTE = Duration.ofMinutes(1);

    /** Fewer than there are minutes to the next hour. */
    private static final int RETRIES = 30;

    private final Duration retention;
    private final Clock clock;
    private final List<Ticker> hourly;

    DecisionLogRetention(DecisionLogStoreConfig config, DecisionLogPartitions days, DecisionLog traces, Clock clock) {
        this.retention = config.retention();
        this.clock = clock;
        hourly = List.of(
                hourly("old traces stay for now", () -> days.dropBefore(firstDay())
                        .invoke(dropped -> LOG.debugf("traces of %d days dropped", dropped))),
                // When the first decision of tomorrow is there, deciding is busy
                hourly("tomorrow's traces have no table for now", () -> config.store()
                        ? days.make(List.of(day(clock.instant()), day(clock.instant()).plusDays(1)))
                        : Uni.createFrom().voidItem()),
                hourly("traces of deleted customers may stay for now", () -> traces.eraseDeleted()
                        .invoke(erased -> LOG.debugf("traces of %d deleted customers erased", erased))));
    }

    /** Now, each hour, and if it fails a minute later. */
    private static Ticker hourly(String otherwise, Supplier<Uni<?>> work) {
        return Ticker.every(Duration.ofHours(1), () -> Uni.createFrom().deferred(() -> work.get().replaceWithVoid())
                .onFailure().invoke(failure -> LOG.warnf("%s: %s", otherwise, failure.getClass().getName()))
                .onFailure().retry().withBackOff(MINUTE, MINUTE).atMost(RETRIES),
                failure -> LOG.debugf("%s until the next hour", otherwise));
    }

    /** The first day, in UTC, of which traces are kept. */
    LocalDate firstDay() {
        return day(clock.instant().minus(retention));
    }

    private static LocalDate day(Instant time) {
        return LocalDate.ofInstant(time, ZoneOffset.UTC);
    }

    @PreDestroy
    void close() {
        hourly.forEach(Ticker::close);
    }
}
