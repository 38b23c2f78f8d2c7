package io.nextbestoffer.offer;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import io.nextbestoffer.attribute.Attributes;
import io.nextbestoffer.attribute.Id;

class OfferTest {

    private static final Instant FROM = Instant.parse("2026-01-01T00:00:00Z");
    private static final Instant UNTIL = Instant.parse("2026-02-01T00:00:00Z");

    private static Offer offer(@Nullable Instant from, @Nullable Instant until) {
        return new Offer(Id.of(1), "new_savings", "https://example.com", null, Attributes.NONE, from, until);
    }

    @Test
    void isValidFromItsBeginningUntilJustBeforeItsEnd() {
        Offer january = offer(FROM, UNTIL);

        assertThat(january.isValid(FROM.minusNanos(1))).isFalse();
        assertThat(january.isValid(FROM)).isTrue();
        assertThat(january.isValid(UNTIL.minusNanos(1))).isTrue();
        assertThat(january.isValid(UNTIL)).isFalse();
    }

    @Test
    void isUnlimitedWhereABoundIsMissing() {
        assertThat(offer(null, null).isValid(Instant.EPOCH)).isTrue();
        assertThat(offer(FROM, null).isValid(UNTIL)).isTrue();
        assertThat(offer(FROM, null).isValid(Instant.EPOCH)).isFalse();
        assertThat(offer(null, UNTIL).isValid(Instant.EPOCH)).isTrue();
        assertThat(offer(null, UNTIL).isValid(UNTIL)).isFalse();
    }
}
