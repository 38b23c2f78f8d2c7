package io.nextbestoffer.job;

import static io.nextbestoffer.job.JobState.CANCELLED;
import static io.nextbestoffer.job.JobState.DONE;
import static io.nextbestoffer.job.JobState.FAILED;
import static io.nextbestoffer.job.JobState.LOST;
import static io.nextbestoffer.job.JobState.PAUSED;
import static io.nextbestoffer.job.JobState.QUEUED;
import static io.nextbestoffer.job.JobState.RUNNING;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Checks every transition of the state machine of jobs. */
class JobTransitionTest {

    @ParameterizedTest
    @CsvSource(textBlock = """
            QUEUED,  CLAIM,    RUNNING
            RUNNING, CLAIM,    RUNNING
            QUEUED,  PAUSE,    PAUSED
            RUNNING, PAUSE,    PAUSED
            PAUSED,  RESUME,   QUEUED
            QUEUED,  CANCEL,   CANCELLED
            RUNNING, CANCEL,   CANCELLED
            PAUSED,  CANCEL,   CANCELLED
            QUEUED,  COMPLETE, DONE
            RUNNING, COMPLETE, DONE
            PAUSED,  COMPLETE, DONE
            QUEUED,  FAIL,     FAILED
            RUNNING, FAIL,     FAILED
            PAUSED,  FAIL,     FAILED
            RUNNING, RELEASE,  QUEUED
            QUEUED,  LOSE,     LOST
            RUNNING, LOSE,     LOST
            PAUSED,  LOSE,     LOST
            """)
    void allowsTheListedTransitions(JobState from, JobTransition transition, JobState to) {
        assertThat(transition.isAllowedFrom(from)).isTrue();
        assertThat(transition.to()).isEqualTo(to);
        assertThat(transition.from()).contains(from.text());
    }

    @Test
    void allowsNoOtherTransitions() {
        long transitions = Arrays.stream(JobTransition.values()).mapToLong(transition -> transition.from().length)
                .sum();

        assertThat(transitions).as("rows of the table above").isEqualTo(18);
    }

    @ParameterizedTest
    @EnumSource(names = {"DONE", "CANCELLED", "FAILED", "LOST"})
    void allowsNoTransitionFromAFinalState(JobState over) {
        assertThat(over.isActive()).isFalse();
        assertThat(JobTransition.values()).noneMatch(transition -> transition.isAllowedFrom(over));
    }

    @ParameterizedTest
    @EnumSource(names = {"QUEUED", "RUNNING", "PAUSED"})
    void reachesEveryFinalStateFromEveryActiveState(JobState active) {
        Set<JobState> next = Arrays.stream(JobTransition.values())
                .filter(transition -> transition.isAllowedFrom(active)).map(JobTransition::to)
                .collect(Collectors.toCollection(() -> EnumSet.noneOf(JobState.class)));

        assertThat(active.isActive()).isTrue();
        assertThat(next).contains(DONE, CANCELLED, FAILED, LOST);
    }

    @Test
    void claimsAPausedJobOnlyAfterItIsResumed() {
        assertThat(JobTransition.CLAIM.isAllowedFrom(PAUSED)).isFalse();
        assertThat(JobTransition.RESUME.isAllowedFrom(QUEUED)).isFalse();
        assertThat(JobTransition.RESUME.isAllowedFrom(RUNNING)).isFalse();
    }

    @Test
    void writesStatesInLowerCase() {
        assertThat(Arrays.stream(JobState.values()).map(JobState::text)).containsExactly("queued", "running", "paused",
                "done", "cancelled", "failed", "lost");
        assertThat(JobState.of("cancelled")).isEqualTo(CANCELLED);
        assertThat(EnumSet.allOf(JobState.class)).containsExactly(QUEUED, RUNNING, PAUSED, DONE, CANCELLED, FAILED,
                LOST);
    }
}
