package io.nextbestoffer.operation;

import java.util.Map;

/** What an operation does. Blocks; every step of it can be repeated. */
interface Work {

    /**
     * @return counts, for the one who started it
     * @throws RefusedException with what keeps it from going on
     */
    Map<String, Object> run(Progress progress);

    /** A reason that can be told: no personal data in it. */
    final class RefusedException extends RuntimeException {

        private static final long serialVersionUID = 1;

        RefusedException(String message) {
            super(message, null, false, false);
        }
    }
}
