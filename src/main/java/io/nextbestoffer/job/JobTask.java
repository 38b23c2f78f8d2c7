package io.nextbestoffer.job;

import java.util.Map;

/** What an operation does. Blocks; every step of it can be repeated. */
public interface JobTask {

    /**
     * @return counts, for the one who started it
     * @throws JobRefusedException with what keeps it from going on
     */
    Map<String, Object> run(JobProgress progress);

    /** A reason that can be told: no personal data in it. */
    final class JobRefusedException extends RuntimeException {

        private static final long serialVersionUID = 1;

        public JobRefusedException(String message) {
            super(message, null, false, false);
        }
    }
}
