package io.nextbestoffer.job;

/** Fails a job with a reason that its users see. The reason must not contain personal data. */
public final class JobRefusedException extends RuntimeException {

    private static final long serialVersionUID = 1;

    public JobRefusedException(String message) {
        super(message, null, false, false);
    }
}
