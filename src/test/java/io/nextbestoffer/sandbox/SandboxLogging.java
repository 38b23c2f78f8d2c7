package io.nextbestoffer.sandbox;

import java.io.FileNotFoundException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.logging.Handler;

import org.jboss.logmanager.LogContext;
import org.jboss.logmanager.Logger;
import org.jboss.logmanager.formatters.PatternFormatter;
import org.jboss.logmanager.handlers.FileHandler;

/**
 * Keeps what Kafka, Debezium and Flyway log off the console. On this class path everything ends at the JBoss log
 * manager, which Quarkus brings.
 */
public final class SandboxLogging {
    private SandboxLogging() {
    }

    /** To call before anything else in the process: a log manager can't be exchanged once it is in use. */
    public static void choose() {
        System.setProperty("java.util.logging.manager", "org.jboss.logmanager.LogManager");
        // Kafka brings log4j too, and asks it for its levels, but logs through SLF4J.
        System.setProperty("log4j2.StatusLogger.level", "OFF");
    }

    /** Warnings and errors to the file, nothing elsewhere. */
    public static void toFile(Path file) {
        DirectoryCleaner.create(file.toAbsolutePath().getParent());
        Logger root = LogContext.getLogContext().getLogger("");
        try {
            FileHandler handler = new FileHandler(new PatternFormatter("%d{HH:mm:ss.SSS} %-5p [%c{1.}] (%t) %s%e%n"),
                    file.toFile(), true);
            root.setLevel(java.util.logging.Level.WARNING);
            root.setHandlers(new Handler[]{handler});
        } catch (FileNotFoundException e) {
            throw new UncheckedIOException(e);
        }
    }
}
