package io.nextbestoffer.sandbox;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A separate process that runs a main class of this class path with the same Java.
 */
public final class JavaProcess implements AutoCloseable {
    private final Process process;
    private final Path log;

    private JavaProcess(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    /** @param log file to which the output is appended */
    public static JavaProcess start(Class<?> main, String heap, List<String> arguments, Path log) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-Xmx" + heap);
        command.add(ServiceProcess.COLLECTOR);
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add(main.getName());
        command.addAll(arguments);
        DirectoryCleaner.create(log.toAbsolutePath().getParent());
        try {
            return new JavaProcess(new ProcessBuilder(command).redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile())).start(), log);
        } catch (IOException e) {
            throw new UncheckedIOException("could not start " + main.getName(), e);
        }
    }

    /** Ends this process when its parent process ends, for whatever reason. To be called in the child process. */
    public static void endWithParent() {
        ProcessHandle.current().parent().ifPresent(parent -> parent.onExit().thenRun(() -> System.exit(1)));
    }

    public long pid() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** The last lines of its output. */
    public String logTail() {
        return ChildProcess.tail(log);
    }

    /** Sends SIGTERM, and SIGKILL after 20 s. */
    @Override
    public void close() {
        ChildProcess.stop(process);
    }
}
