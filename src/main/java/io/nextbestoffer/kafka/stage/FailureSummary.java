package io.nextbestoffer.kafka.stage;

import org.jspecify.annotations.Nullable;

import io.vertx.sqlclient.DatabaseException;

/**
 * Describes failures for the log by their classes, never by their messages: those of Kafka and Postgres quote values.
 */
final class FailureSummary {

    private FailureSummary() {
    }

    /** Returns the classes of a failure and its causes, with SQLSTATEs, and the first frame in this service's code. */
    static String of(Throwable failure) {
        var summary = new StringBuilder(name(failure));
        for (Throwable cause = failure.getCause(); cause != null; cause = cause.getCause()) {
            summary.append(" from ").append(name(cause));
        }
        for (StackTraceElement frame : failure.getStackTrace()) {
            if (frame.getClassName().startsWith("io.nextbestoffer.")) {
                return summary.append(" at ").append(frame).toString();
            }
        }
        return summary.toString();
    }

    private static String name(Throwable failure) {
        String name = failure.getClass().getName();
        return failure instanceof DatabaseException refused ? name + " " + refused.getSqlState() : name;
    }

    static boolean isCausedBy(@Nullable Throwable failure, Class<? extends Throwable> type) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (type.isInstance(cause)) {
                return true;
            }
        }
        return false;
    }
}
