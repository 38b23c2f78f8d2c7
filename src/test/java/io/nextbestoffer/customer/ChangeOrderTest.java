package io.nextbestoffer.customer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.UUID;

import org.junit.jupiter.api.Test;

import io.nextbestoffer.kafka.topic.RecordPosition;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class ChangeOrderTest {

    private static final UUID TOPIC = new UUID(0, 1);
    private static final UUID RECREATED = new UUID(0, 2);

    private static ChangeOrder order(Long lsn, Long time, long offset) {
        return new ChangeOrder(lsn, time, new RecordPosition(TOPIC, 0, offset));
    }

    @Test
    void ordersByLsn() {
        assertThat(order(1L, 5L, 9).isOlderThan(order(2L, 5L, 0))).isTrue();
        assertThat(order(2L, 5L, 0).isOlderThan(order(1L, 5L, 9))).isFalse();
    }

    @Test
    void ordersByTimeAtTheSameLsn() {
        assertThat(order(1L, 4L, 0).isOlderThan(order(1L, 5L, 0))).isTrue();
        assertThat(order(1L, 5L, 0).isOlderThan(order(1L, 4L, 0))).isFalse();
    }

    @Test
    void acceptsASmallerLsnWithALaterTime() {
        assertThat(order(1L, 6L, 0).isOlderThan(order(1_000L, 5L, 0))).isFalse();
        assertThat(order(1_000L, 5L, 0).isOlderThan(order(1L, 6L, 0))).isFalse();
    }

    @Test
    void comparesLsnsOnlyIfATimeIsMissing() {
        assertThat(order(1L, null, 0).isOlderThan(order(2L, 5L, 0))).isTrue();
        assertThat(order(1L, 5L, 0).isOlderThan(order(2L, null, 0))).isTrue();
        assertThat(order(2L, null, 0).isOlderThan(order(1L, 5L, 0))).isFalse();
    }

    @Test
    void isNotOlderThanItself() {
        assertThat(order(1L, 5L, 3).isOlderThan(order(1L, 5L, 3))).isFalse();
        assertThat(order(null, null, 3).isOlderThan(order(null, null, 3))).isFalse();
    }

    @Test
    void comparesPositionsIfAnLsnIsMissing() {
        assertThat(order(null, 9L, 1).isOlderThan(order(5L, 1L, 2))).isTrue();
        assertThat(order(5L, 1L, 1).isOlderThan(order(null, null, 2))).isTrue();
        assertThat(order(null, 1L, 2).isOlderThan(order(null, 9L, 1))).isFalse();
    }

    @Test
    void doesNotComparePositionsOfDifferentPartitionsOrTopics() {
        var change = order(null, null, 9);

        assertThat(order(null, null, 1).isOlderThan(new ChangeOrder(null, null, new RecordPosition(TOPIC, 1, 9))))
                .isFalse();
        assertThat(new ChangeOrder(null, null, new RecordPosition(RECREATED, 0, 1)).isOlderThan(change)).isFalse();
    }

    @Property(tries = 10_000)
    void isAsymmetric(@ForAll("orders") ChangeOrder one, @ForAll("orders") ChangeOrder other) {
        assertThat(one.isOlderThan(other) && other.isOlderThan(one)).isFalse();
        assertThat(one.isOlderThan(one)).isFalse();
    }

    @Provide
    Arbitrary<ChangeOrder> orders() {
        var numbers = Arbitraries.longs().between(0, 3).injectNull(0.3);
        var positions = Combinators.combine(Arbitraries.of(TOPIC, RECREATED), Arbitraries.integers().between(0, 1),
                Arbitraries.longs().between(0, 3)).as(RecordPosition::new);
        return Combinators.combine(numbers, numbers, positions).as(ChangeOrder::new);
    }
}
