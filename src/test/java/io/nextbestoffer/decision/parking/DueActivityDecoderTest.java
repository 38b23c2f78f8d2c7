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

class DueActivityDecoderTest {

    @Test
    void leavesOutAnActivityWithoutSchemaAndLaterOnesOfItsCustomer() {
        var before = activity(0, 1, "2", Reason.CUSTOMER_KNOWN);
        var waits = activity(0, 2, "2", Reason.CUSTOMER_KNOWN);
        var ofOtherCustomer = activity(0, 3, "3", Reason.CUSTOMER_KNOWN);
        var behind = activity(0, 4, "2", Reason.CUSTOMER_KNOWN);
        var elsewhere = activity(1, 1, "2", Reason.CUSTOMER_KNOWN);
        var expired = activity(0, 5, "4", Reason.EXPIRED);
        var erased = activity(0, 6, null, Reason.ERASED);
        var without = Set.of(waits);

        var readable = DueActivityDecoder.readable(
                List.of(before, waits, ofOtherCustomer, behind, elsewhere, expired, erased),
                due -> without.contains(due) ? null : RecordDecoder.JSON_ONLY);

        assertThat(readable).extracting(DueActivityDecoder.ReadableActivity::activity)
                .containsExactly(before, ofOtherCustomer, elsewhere, expired, erased);
    }

    private static ParkedActivities.DueActivity activity(int partition, long offset, @Nullable String customer,
            Reason reason) {
        return new ParkedActivities.DueActivity(new RecordPosition(new UUID(0, 1), partition, offset), reason, customer,
                null, null, new RecordHeaders(), 0);
    }
}
