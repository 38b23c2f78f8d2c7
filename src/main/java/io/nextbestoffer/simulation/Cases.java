package io.nextbestoffer.simulation;

import java.util.List;

import org.jspecify.annotations.Nullable;

/** The cases of a simulation. Only one page of them is in memory at a time. Blocks; not thread-safe. */
interface Cases {

    /**
     * @param read number of items that were read for this page; {@link #total} counts the same items
     * @param unusable the reason for each item that could not be read as a case
     */
    record Page(int read, List<Case> cases, List<String> unusable) {
    }

    /** Returns an estimate of the number of items; null if there is none yet. */
    @Nullable
    Long total();

    /** @return the next page; one with {@code read} 0 if there are no more items */
    Page next();
}
