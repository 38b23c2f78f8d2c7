package io.nextbestoffer.trace;

import java.time.Clock;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;

import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;

import org.jboss.logging.Logger;

import io.quarkus.runtime.Startup;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.subscription.Cancellable;

/** Says how old a trace may be, and drops what is older. On each replica, for those that store may be gone. */
@Startup
@ApplicationScoped
class TraceRetention {

    private static final Logger LOG = Logger.getLogger(TraceRetention.class);

    private final Duration retention;
    private final Clock clock;
    private final Cancellable dropping;

    TraceRetention(TraceStoreConfig config, TraceDays days, Clock clock) {
        this.retention = config.retention();
        this.clock = clock;
        dropping = Multi.createFrom().ticks().every(Duration.ofHours(1)).onOverflow().drop()
                .onItem().transformToUniAndConcatenate(tick -> days.dropBefore(firstDay())
                        .onFailure().recoverWithItem(failure -> {
                            LOG.warnf("old traces stay for now: %s", failure.getClass().getName());
                            return 0;
                        }))
                .subscribe().with(dropped -> LOG.debugf("traces of %d days dropped", dropped));
    }

    /** The first day, in UTC, of which traces are kept. */
    LocalDate firstDay() {
        return LocalDate.ofInstant(clock.instant().minus(retention), ZoneOffset.UTC);
    }

    @PreDestroy
    void close() {
        dropping.cancel();
    }
}
