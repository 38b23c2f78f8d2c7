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
 * Keeps the logs of Kafka, Debezium and Flyway off the console. On this class path all of them log to the JBoss log
 * manager, which comes with Quarkus.
 */
public final class SandboxLogging {
    private SandboxLogging() {
    }

    /** Selects the log manager. To be called first in a process, because a log manager in use can't be replaced. */
    public static void useJbossLogManager() {
        System.setProperty("java.util.logging.manager", "org.jboss.logmanager.LogManager");
        // Kafka brings log4j too, and reads its levels, but logs through SLF4J.
        System.setProperty("log4j2.StatusLogger.level", "OFF");
    }

    /** Writes warnings and errors to the file, and nothing to the console. */
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
