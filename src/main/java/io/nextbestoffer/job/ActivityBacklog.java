package io.nextbestoffer.job;

/** Implemented by the stage that decides activities, so that jobs can give way to it. */
public interface ActivityBacklog {

    /** Whether more activities are queued than one batch takes. */
    boolean isBehind();
}
