package io.nextbestoffer.governance;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Arrays;
import java.util.List;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import io.nextbestoffer.governance.ActivationHistory.State;

/** Activations of one strategy; the second 10 is when they are looked at. */
class ActivationHistoryTest {

    private static final Instant NOW = second(10);

    private static Instant second(long second) {
        return Instant.ofEpochSecond(second);
    }

    private static Activation activation(long id, int version, long second, @Nullable Long restores) {
        return new Activation(id, new VersionRef("banking", version), second(second), restores);
    }

    private static Activation activation(long id, int version, long second) {
        return activation(id, version, second, null);
    }

    private static ActivationHistory history(Activation... activations) {
        return new ActivationHistory(Arrays.asList(activations));
    }

    private static List<State> states(ActivationHistory history, int... versions) {
        return Arrays.stream(versions).mapToObj(version -> history.state(version, false, NOW)).toList();
    }

    @Test
    void whatWasNeverActivatedIsADraft() {
        var history = history();

        assertThat(history.state(1, false, NOW)).isEqualTo(State.DRAFT);
        assertThat(history.state(1, true, NOW)).isEqualTo(State.DISCARDED);
        assertThat(history.activeAt(NOW)).isNull();
        assertThat(history.beforeNewest()).isNull();
    }

    @Test
    void theLastOfThoseWhoseTimeHasComeIsActive() {
        var history = history(activation(1, 1, 1), activation(2, 2, 10), activation(3, 4, 11));

        assertThat(states(history, 1, 2, 3, 4)).containsExactly(State.RETIRED, State.ACTIVE, State.DRAFT,
                State.SCHEDULED);
        assertThat(history.activeAt(NOW).id()).isEqualTo(2);
        assertThat(history.activeAt(second(11)).id()).isEqualTo(3);
        assertThat(history.activeAt(second(0))).isNull();
        assertThat(history.scheduledAt(NOW).id()).isEqualTo(3);
        assertThat(history.scheduledAt(second(11))).isNull();
    }

    @Test
    void whoIsActivatedLaterCountsThoughTheDelayWasShortened() {
        // The first was activated when the delay was long, the second when it was short
        var history = history(activation(1, 1, 20), activation(2, 2, 5));

        assertThat(states(history, 1, 2)).containsExactly(State.RETIRED, State.ACTIVE);
        assertThat(history.activeAt(second(30)).version().version()).isEqualTo(2);
    }

    @Test
    void aVersionThatIsActiveStaysSoWhileItIsScheduledOnceMore() {
        var history = history(activation(1, 1, 1), activation(2, 2, 12), activation(3, 1, 13));

        assertThat(states(history, 1, 2)).containsExactly(State.ACTIVE, State.SCHEDULED);
    }

    @Test
    void aRollbackGoesBackToTheOneBefore() {
        var history = history(activation(1, 1, 1), activation(2, 2, 2), activation(3, 3, 3));

        assertThat(history.beforeNewest().version().version()).isEqualTo(2);
    }

    @Test
    void aSecondRollbackGoesOnInsteadOfBackToWhatTheFirstHasRemoved() {
        var once = history(activation(1, 1, 1), activation(2, 2, 2), activation(3, 3, 3), activation(4, 2, 4, 2L));
        var twice = history(activation(1, 1, 1), activation(2, 2, 2), activation(3, 3, 3), activation(4, 2, 4, 2L),
                activation(5, 1, 5, 1L));

        assertThat(once.beforeNewest().id()).isEqualTo(1);
        assertThat(twice.beforeNewest()).isNull();
    }

    @Test
    void afterARollbackAndANewVersionARollbackGoesBackToWhatTheFirstHasRestored() {
        var history = history(activation(1, 1, 1), activation(2, 2, 2), activation(3, 1, 3, 1L),
                activation(4, 4, 4));

        assertThat(history.beforeNewest().id()).isEqualTo(3);
        assertThat(history.beforeNewest().place()).isEqualTo(1);
    }
}
