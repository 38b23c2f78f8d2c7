package io.nextbestoffer.kafka.stage;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.kafka.common.errors.RecordTooLargeException;
import org.junit.jupiter.api.Test;

import io.vertx.pgclient.PgException;

class FailureSummaryTest {

    @Test
    void namesClassesAndSqlStatesWithoutMessages() {
        var refused = new PgException("duplicate key: (customer_id)=(471163)", "ERROR", "23505", "471163");

        String summary = FailureSummary.of(new IllegalStateException("customer 471163", refused));

        assertThat(summary).startsWith("java.lang.IllegalStateException from io.vertx.pgclient.PgException 23505 at ")
                .contains("io.nextbestoffer.kafka.stage.FailureSummaryTest.namesClasses").doesNotContain("471163");
    }

    @Test
    void findsACause() {
        var failure = new IllegalStateException(new RuntimeException(new RecordTooLargeException()));

        assertThat(FailureSummary.isCausedBy(failure, RecordTooLargeException.class)).isTrue();
        assertThat(FailureSummary.isCausedBy(failure, PgException.class)).isFalse();
        assertThat(FailureSummary.isCausedBy(null, PgException.class)).isFalse();
    }
}
