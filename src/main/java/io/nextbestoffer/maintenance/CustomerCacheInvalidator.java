package io.nextbestoffer.maintenance;

import java.time.Duration;
import java.time.Instant;

import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;

import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

import io.nextbestoffer.customer.CustomerRepair;
import io.nextbestoffer.job.Jobs;
import io.nextbestoffer.platform.Ticker;
import io.quarkus.runtime.Startup;

/**
 * Empties the customer cache of this replica after any replica has repaired profiles in Postgres: when the job that
 * repairs them ends, is paused, or is taken over.
 */
@Startup
@ApplicationScoped
class CustomerCacheInvalidator {

    private static final Logger LOG = Logger.getLogger(CustomerCacheInvalidator.class);
    private static final Duration POLL_INTERVAL = Duration.ofSeconds(5);

    private final Ticker polling;
    private volatile @Nullable Instant lastChange;

    CustomerCacheInvalidator(Jobs jobs, CustomerRepair customers) {
        polling = Ticker.every(POLL_INTERVAL,
                () -> jobs.lastChange(CustomerTopicReplayJob.NAME).invoke(change -> {
                    if (change != null && !change.equals(lastChange)) {
                        lastChange = change;
                        customers.forgetCached();
                    }
                }),
                failure -> LOG.debugf("Could not look for repaired customers: %s", failure.getClass().getName()));
    }

    @PreDestroy
    void close() {
        polling.close();
    }
}
