package io.nextbestoffer.decision.parking;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;

import org.junit.jupiter.api.Test;

import io.nextbestoffer.sandbox.OwnInfrastructure;
import io.nextbestoffer.sandbox.ServiceDatabase;

/** Tests the SQL statement in a real Postgres. */
@OwnInfrastructure
class SimilarIdCheckIT {

    @Test
    void countsParkedIdsThatDifferOnlyInCaseOrBlanks() throws SQLException {
        try (var database = new ServiceDatabase()) {
            for (String known : List.of("K77", "k78", "K79", "80")) {
                database.execute(
                        """
                                insert into customer (customer_id, numeric_id, attributes, topic_id, topic_partition, \
                                topic_offset)
                                values ('%s', false, '{}', gen_random_uuid(), 0, 0)"""
                                .formatted(known));
            }
            List<String> parked = List.of("k77", "k77", " k78", "K7", "800");
            for (int i = 0; i < parked.size(); i++) {
                database.execute("""
                        insert into parked_activity (topic_id, topic_partition, topic_offset, customer_id, record_ts_ms)
                        values (gen_random_uuid(), 0, %d, '%s', 0)""".formatted(i, parked.get(i)));
            }
            var check = new SimilarIdCheck(database.pool(1, ServiceDatabase.PLANS_OF_THE_SERVICE));
            try {
                assertThat(check.count().await().atMost(Duration.ofSeconds(20))).isEqualTo(2);
            } finally {
                check.close();
            }
        }
    }
}
