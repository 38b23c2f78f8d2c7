package io.nextbestoffer.governance;

import org.jspecify.annotations.Nullable;

/**
 * The result of a successful poll.
 *
 * @param polledAt when the poll began, by {@link System#nanoTime}
 * @param obstacle the active versions that can't be used, and why; null if all can
 */
record LoadedStrategies(long revision, long polledAt, DatabaseClock clock, Timeline timeline,
        @Nullable String obstacle) {

    /** The strategies in effect at a time of {@link System#nanoTime}; null without an active routing. */
    @Nullable
    ActiveStrategies activeAt(long nanoTime) {
        return timeline.at(timeline.isFixed() ? clock.time() : clock.at(nanoTime));
    }
}
