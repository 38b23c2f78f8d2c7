package io.nextbestoffer.job;

/** Implemented by the stage that decides, so that jobs can give way to it. */
public interface ActivityBacklog {

    /** Whether more activities wait than one batch takes. */
    boolean isBehind();
}
