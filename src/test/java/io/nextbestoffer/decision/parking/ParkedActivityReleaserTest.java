package io.nextbestoffer.decision.parking;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import java.util.UUID;

import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import io.nextbestoffer.decision.parking.ParkedActivities.Reason;
import io.nextbestoffer.kafka.avro.RecordDecoder;
import io.nextbestoffer.kafka.topic.RecordPosition;

class ParkedActivityReleaserTest {

    @Test
    void noneOvertakesAnEarlierOneOfItsCustomerThatWaitsForASchema() {
        var before = row(0, 1, "2", Reason.CUSTOMER_KNOWN);
        var waits = row(0, 2, "2", Reason.CUSTOMER_KNOWN);
        var ofAnother = row(0, 3, "3", Reason.CUSTOMER_KNOWN);
        var behind = row(0, 4, "2", Reason.CUSTOMER_KNOWN);
        var elsewhere = row(1, 1, "2", Reason.CUSTOMER_KNOWN);
        var expired = row(0, 5, "4", Reason.EXPIRED);
        var erased = row(0, 6, null, Reason.ERASED);
        var without = Set.of(waits);

        var readable = ParkedActivityReleaser.readable(
                List.of(before, waits, ofAnother, behind, elsewhere, expired, erased),
                row -> without.contains(row) ? null : RecordDecoder.JSON_ONLY);

        assertThat(readable).extracting(ParkedActivityReleaser.Readable::row)
                .containsExactly(before, ofAnother, elsewhere, expired, erased);
    }

    private static ParkedActivities.Due row(int partition, long offset, @Nullable String customer, Reason reason) {
        return new ParkedActivities.Due(new RecordPosition(new UUID(0, 1), partition, offset), reason, customer, null,
                null,
                new RecordHeaders(), 0);
    }
}
