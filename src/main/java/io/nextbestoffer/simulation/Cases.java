package io.nextbestoffer.simulation;

import java.util.List;

import org.jspecify.annotations.Nullable;

/** What a simulation runs over, page by page, of which only one is in memory. Blocks; not thread-safe. */
interface Cases {

    /**
     * @param read how far this page gets, in what {@link #total} counts
     * @param unusable of each that is not among the cases although it should be: why
     */
    record Page(int read, List<Case> cases, List<String> unusable) {
    }

    /** How many there are, as far as it can be told by now: null if it can't, and else about. */
    @Nullable
    Long total();

    /** @return one that read nothing if there are no more */
    Page next();
}
