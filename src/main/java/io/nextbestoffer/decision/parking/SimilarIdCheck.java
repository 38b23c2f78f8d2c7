package io.nextbestoffer.decision.parking;

import java.time.Duration;

import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;

import org.jboss.logging.Logger;

import io.nextbestoffer.platform.Ticker;
import io.quarkus.runtime.Startup;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Tuple;

/**
 * Warns when parked activities wait for ids that differ from those of known customers only in case or in blanks: they
 * will never be decided. The cause is a bank whose table and applications write ids in different ways.
 */
@Startup
@ApplicationScoped
class SimilarIdCheck {

    private static final Logger LOG = Logger.getLogger(SimilarIdCheck.class);
    private static final Duration INTERVAL = Duration.ofMinutes(5);
    private static final int MAX_CHECKED = 1_000;

    private final Pool postgres;
    private final Ticker ticker;

    SimilarIdCheck(Pool postgres) {
        this.postgres = postgres;
        ticker = Ticker.every(INTERVAL, () -> count().invoke(SimilarIdCheck::warn),
                failure -> LOG.debugf("Could not compare the ids of parked activities: %s",
                        failure.getClass().getName()));
    }

    private static void warn(int count) {
        if (count > 0) {
            LOG.warnf(
                    "%d ids of parked activities differ from ids of known customers only in case or blanks: the bank's"
                            + " table and its applications write ids in different ways (docs/cdc.md)",
                    count);
        }
    }

    /**
     * @return how many different ids of parked activities are similar to the id of a known customer; at most
     *     {@value #MAX_CHECKED} activities are checked
     */
    Uni<Integer> count() {
        return postgres.preparedQuery("""
                select count(*)::int
                from (select distinct customer_id from (
                        select customer_id from parked_activity where customer_id is not null limit $1) checked) p
                where exists (select from customer c
                    where c.customer_id = any(array[lower(p.customer_id), upper(p.customer_id), btrim(p.customer_id),
                        lower(btrim(p.customer_id)), upper(btrim(p.customer_id))])
                        and c.customer_id <> p.customer_id and c.attributes is not null)
                """)
                .execute(Tuple.of(MAX_CHECKED))
                .map(rows -> rows.iterator().next().getInteger(0));
    }

    @PreDestroy
    void close() {
        ticker.close();
    }
}
