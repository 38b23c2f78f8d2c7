package io.nextbestoffer.job;

/** Fails a job with a reason that is shown to its users, so without personal data. */
public final class JobRefusedException extends RuntimeException {

    private static final long serialVersionUID = 1;

    public JobRefusedException(String message) {
        super(message, null, false, false);
    }
}
