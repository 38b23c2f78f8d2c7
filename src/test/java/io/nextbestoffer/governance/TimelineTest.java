package io.nextbestoffer.governance;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import io.nextbestoffer.strategy.Document;

/** Timelines of the strategies a and b, calculated at second 10. */
class TimelineTest {

    private static final Instant NOW = second(10);

    private final Map<VersionRef, Document> documents = new HashMap<>();

    private static Instant second(long second) {
        return Instant.ofEpochSecond(second);
    }

    private Activation activation(long id, String name, int version, long second) {
        var ref = new VersionRef(name, version);
        documents.computeIfAbsent(ref, key -> Document.parse(name.equals("routing")
                ? "routes: []\ndefault: a"
                : "strategy: " + name + "\nrules: []\notherwise: 1", version));
        return new Activation(id, ref, second(second), null);
    }

    private Timeline timeline(@Nullable ActiveStrategies previous, Activation... activations) {
        return new Timeline(Arrays.asList(activations), documents::get, NOW, previous);
    }

    private static String text(@Nullable ActiveStrategies active) {
        return active == null
                ? "nothing"
                : "routing " + active.routing().version() + " "
                        + active.strategies().values().stream().map(Object::toString).sorted().toList();
    }

    @Test
    void hasNoActiveStrategiesWithoutARouting() {
        var timeline = timeline(null, activation(1, "a", 1, 1));

        assertThat(timeline.at(NOW)).isNull();
        assertThat(timeline.all()).isEmpty();
        assertThat(timeline(null).at(NOW)).isNull();
    }

    @Test
    void switchesExactlyWhenAnActivationTakesEffect() {
        var timeline = timeline(null, activation(1, "routing", 1, 1), activation(2, "a", 1, 1),
                activation(3, "b", 1, 2), activation(4, "a", 2, 12), activation(5, "b", 2, 13));

        assertThat(text(timeline.at(NOW))).isEqualTo("routing 1 [a 1, b 1]");
        assertThat(text(timeline.at(second(12).minusNanos(1)))).isEqualTo("routing 1 [a 1, b 1]");
        assertThat(text(timeline.at(second(12)))).isEqualTo("routing 1 [a 2, b 1]");
        assertThat(text(timeline.at(second(13)))).isEqualTo("routing 1 [a 2, b 2]");
        assertThat(text(timeline.at(second(1000)))).isEqualTo("routing 1 [a 2, b 2]");
        assertThat(timeline.isFixed()).isFalse();
        assertThat(timeline.activeSince(second(12))).isEqualTo(second(12));
        assertThat(timeline.all()).hasSize(3);
    }

    @Test
    void returnsTheSameObjectAsLongAsNothingChanges() {
        var begin = new Activation[]{activation(1, "routing", 1, 1), activation(2, "a", 1, 1)};
        ActiveStrategies previous = timeline(null, begin).at(NOW);

        var same = timeline(previous, begin);
        var again = timeline(previous, begin[0], begin[1], activation(3, "a", 1, 12));

        assertThat(same.at(NOW)).isSameAs(previous);
        assertThat(same.isFixed()).isTrue();
        assertThat(again.at(second(12))).as("the same version is activated again").isSameAs(previous);
        assertThat(again.isFixed()).isTrue();
    }

    @Test
    void skipsAStrategyWhoseActiveVersionCannotBeUsed() {
        var broken = new Activation(4, new VersionRef("b", 7), second(3), null);

        var timeline = timeline(null, activation(1, "routing", 1, 1), activation(2, "a", 1, 1),
                activation(3, "b", 1, 1), broken);

        assertThat(text(timeline.at(NOW))).as("the replaced version is not active either")
                .isEqualTo("routing 1 [a 1]");
    }

    @Test
    void estimatesTheClockOfTheDatabase() {
        var clock = new DatabaseClock(NOW, 5_000);

        assertThat(clock.at(5_000)).isEqualTo(NOW);
        assertThat(clock.at(5_000 + 2_000_000_000L)).isEqualTo(second(12));
        assertThat(clock.at(5_001)).isEqualTo(NOW.plusNanos(1));
    }
}
