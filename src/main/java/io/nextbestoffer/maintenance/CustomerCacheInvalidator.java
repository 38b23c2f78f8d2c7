package io.nextbestoffer.maintenance;

import java.time.Duration;
import java.time.Instant;

import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.customer.CustomerRepair;
import io.nextbestoffer.job.Jobs;
import io.quarkus.runtime.Startup;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.subscription.Cancellable;

/** Empties the customer cache of this replica after any replica has repaired profiles in Postgres. */
@Startup
@ApplicationScoped
class CustomerCacheInvalidator {

    private static final Duration POLL_INTERVAL = Duration.ofSeconds(5);

    private final Cancellable polling;
    private volatile @Nullable Instant lastRepair;

    CustomerCacheInvalidator(Jobs jobs, CustomerRepair customers) {
        polling = Multi.createFrom().ticks().every(POLL_INTERVAL).onOverflow().drop()
                .onItem().transformToUniAndConcatenate(tick -> jobs.lastEnd(CustomerTopicReplayTask.KIND)
                        .invoke(end -> {
                            if (end != null && !end.equals(lastRepair)) {
                                lastRepair = end;
                                customers.forgetCached();
                            }
                        })
                        .onFailure().recoverWithNull())
                .subscribe().with(ignored -> {
                });
    }

    @PreDestroy
    void close() {
        polling.cancel();
    }
}
