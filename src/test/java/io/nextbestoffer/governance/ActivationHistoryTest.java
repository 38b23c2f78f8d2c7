package io.nextbestoffer.governance;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Arrays;
import java.util.List;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import io.nextbestoffer.governance.ActivationHistory.VersionState;

/** Histories of one strategy, evaluated at second 10. */
class ActivationHistoryTest {

    private static final Instant NOW = second(10);

    private static Instant second(long second) {
        return Instant.ofEpochSecond(second);
    }

    private static Activation activation(long id, int version, long second, @Nullable Long restores) {
        return new Activation(id, ref(version), second(second), restores);
    }

    private static VersionRef ref(int version) {
        return new VersionRef("banking", version);
    }

    private static Activation activation(long id, int version, long second) {
        return activation(id, version, second, null);
    }

    private static ActivationHistory history(Activation... activations) {
        return new ActivationHistory(Arrays.asList(activations));
    }

    private static List<VersionState> states(ActivationHistory history, int... versions) {
        return Arrays.stream(versions).mapToObj(version -> history.state(ref(version), false, NOW)).toList();
    }

    @Test
    void treatsAVersionWithoutActivationAsADraft() {
        var history = history();

        assertThat(history.state(ref(1), false, NOW)).isEqualTo(VersionState.DRAFT);
        assertThat(history.state(ref(1), true, NOW)).isEqualTo(VersionState.DISCARDED);
        assertThat(history.activeAt(NOW)).isNull();
        assertThat(history.rollbackTarget()).isNull();
    }

    @Test
    void appliesTheLastActivationThatHasTakenEffect() {
        var history = history(activation(1, 1, 1), activation(2, 2, 10), activation(3, 4, 11));

        assertThat(states(history, 1, 2, 3, 4)).containsExactly(VersionState.RETIRED, VersionState.ACTIVE,
                VersionState.DRAFT,
                VersionState.SCHEDULED);
        assertThat(history.activeAt(NOW).id()).isEqualTo(2);
        assertThat(history.activeAt(second(11)).id()).isEqualTo(3);
        assertThat(history.activeAt(second(0))).isNull();
        assertThat(history.scheduledAt(NOW).id()).isEqualTo(3);
        assertThat(history.scheduledAt(second(11))).isNull();
    }

    @Test
    void prefersTheLaterActivationIfTheDelayWasShortened() {
        // The first activation had a long delay, the second one a short one
        var history = history(activation(1, 1, 20), activation(2, 2, 5));

        assertThat(states(history, 1, 2)).containsExactly(VersionState.RETIRED, VersionState.ACTIVE);
        assertThat(history.activeAt(second(30)).version().version()).isEqualTo(2);
    }

    @Test
    void keepsAVersionActiveWhileItIsScheduledAgain() {
        var history = history(activation(1, 1, 1), activation(2, 2, 12), activation(3, 1, 13));

        assertThat(states(history, 1, 2)).containsExactly(VersionState.ACTIVE, VersionState.SCHEDULED);
    }

    @Test
    void rollsBackToThePreviousVersion() {
        var history = history(activation(1, 1, 1), activation(2, 2, 2), activation(3, 3, 3));

        assertThat(history.rollbackTarget().version().version()).isEqualTo(2);
    }

    @Test
    void rollsBackFurtherWithASecondRollback() {
        var once = history(activation(1, 1, 1), activation(2, 2, 2), activation(3, 3, 3), activation(4, 2, 4, 2L));
        var twice = history(activation(1, 1, 1), activation(2, 2, 2), activation(3, 3, 3), activation(4, 2, 4, 2L),
                activation(5, 1, 5, 1L));

        assertThat(once.rollbackTarget().id()).isEqualTo(1);
        assertThat(twice.rollbackTarget()).isNull();
    }

    @Test
    void rollsBackToARestoredVersion() {
        var history = history(activation(1, 1, 1), activation(2, 2, 2), activation(3, 1, 3, 1L),
                activation(4, 4, 4));

        assertThat(history.rollbackTarget().id()).isEqualTo(3);
        assertThat(history.rollbackTarget().position()).isEqualTo(1);
    }
}
