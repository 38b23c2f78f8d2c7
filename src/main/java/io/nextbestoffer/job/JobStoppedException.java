package io.nextbestoffer.job;

/** Ends a task whose job was cancelled or taken over, or whose replica stops. */
public final class JobStoppedException extends RuntimeException {

    private static final long serialVersionUID = 1;

    public JobStoppedException() {
        super("stopped", null, false, false);
    }
}
