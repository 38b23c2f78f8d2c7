package io.nextbestoffer.benchmark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/** Describes the machine of a measurement. */
final class MachineDescription {
    private MachineDescription() {
    }

    /** Whether this is Linux with the files in /proc that the benchmark reads. */
    static boolean isSupported() {
        long self = ProcessHandle.current().pid();
        return System.getProperty("os.name").equals("Linux")
                && Files.isReadable(Path.of("/proc/" + self + "/task/" + self + "/children"));
    }

    /** Number of CPUs, including those that this process may not use. */
    static int cpus() {
        return (int) read("/proc/stat").lines().filter(line -> line.matches("cpu[0-9].*")).count();
    }

    /** Model, CPUs, memory, kernel and Java. */
    static String description() {
        String model = first("/proc/cpuinfo", "model name").orElse(System.getProperty("os.arch"));
        double gigabytes = first("/proc/meminfo", "MemTotal")
                .map(total -> Long.parseLong(total.replaceAll("[^0-9]", ""))).orElse(0L) / 1048576.0;
        return String.format(Locale.ROOT, "%s, %d CPUs, %.0f GB of memory, Linux %s, %s %s", model, cpus(), gigabytes,
                System.getProperty("os.version"), System.getProperty("java.vm.name"),
                System.getProperty("java.runtime.version"));
    }

    /** Load average of the last minute. */
    static double loadAverage() {
        return Double.parseDouble(read("/proc/loadavg").split(" ")[0]);
    }

    private static Optional<String> first(String file, String name) {
        return read(file).lines().filter(line -> line.startsWith(name))
                .map(line -> line.substring(line.indexOf(':') + 1).strip()).findFirst();
    }

    private static String read(String file) {
        try {
            return Files.readString(Path.of(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
