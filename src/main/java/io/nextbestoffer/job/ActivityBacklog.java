package io.nextbestoffer.job;

/** The backlog of the stage that decides activities. Jobs slow down while there is one. */
public interface ActivityBacklog {

    /** Whether at least as many activities are queued as fit in one batch. */
    boolean isBehind();
}
