package io.nextbestoffer.platform;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

import jakarta.inject.Singleton;

import org.jboss.logging.Logger;

/**
 * Logs unexpected failures of requests, without paths and messages, which can quote what callers sent. Each kind of
 * failure is logged at most once a minute.
 */
@Singleton
public class UnexpectedFailures {

    private static final Logger LOG = Logger.getLogger(UnexpectedFailures.class);

    private final ConcurrentMap<Class<?>, ThrottledLog> logs = new ConcurrentHashMap<>();

    public void log(Throwable failure) {
        logs.computeIfAbsent(failure.getClass(), kind -> new ThrottledLog(count -> LOG.errorf(new Redacted(failure),
                "%d request(s) failed unexpectedly: %s", count, kind.getName()))).event();
    }

    /** A failure with its stack trace and causes, but without messages. */
    private static final class Redacted extends Exception {

        private static final long serialVersionUID = 1;

        Redacted(Throwable failure) {
            super(failure.getClass().getName(), failure.getCause() == null ? null : new Redacted(failure.getCause()));
            setStackTrace(failure.getStackTrace());
        }
    }
}
