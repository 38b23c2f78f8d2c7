package io.nextbestoffer.benchmark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** CPU time and memory of processes, as reported by Linux. */
final class ResourceUsage {
    // USER_HZ, the unit of /proc, which is independent of the kernel's ticks: 100 on every architecture of Java.
    private static final double TICKS_PER_SECOND = 100;
    // Index in /proc/<pid>/stat, counted from the field after the name.
    private static final int UTIME = 11;
    private static final int STIME = 12;
    private static final int CUTIME = 13;
    private static final int CSTIME = 14;

    private ResourceUsage() {
    }

    /** User and system time of one process, in seconds. */
    static double cpu(long pid) {
        String[] stat = stat(pid);
        return stat == null ? 0 : seconds(stat, UTIME, STIME);
    }

    /** CPU seconds of a process and its children, including ended ones. */
    static double cpuOfTree(long pid) {
        double sum = cpuWithEnded(pid);
        String children = read("/proc/" + pid + "/task/" + pid + "/children");
        if (children != null && !children.isBlank()) {
            for (String child : children.strip().split(" ")) {
                sum += cpu(Long.parseLong(child));
            }
        }
        return sum;
    }

    /** CPU seconds of a process and of its ended children. */
    static double cpuWithEnded(long pid) {
        String[] stat = stat(pid);
        return stat == null ? 0 : seconds(stat, UTIME, STIME, CUTIME, CSTIME);
    }

    /** Busy seconds of all CPUs of this machine. */
    static double cpuOfMachine() {
        // cpu user nice system idle iowait irq softirq steal …
        String[] cpu = read("/proc/stat").lines().findFirst().orElseThrow().split(" +");
        long ticks = 0;
        for (int field : new int[]{1, 2, 3, 6, 7, 8}) {
            ticks += Long.parseLong(cpu[field]);
        }
        return ticks / TICKS_PER_SECOND;
    }

    /** Peak resident memory of the process, in bytes. */
    static long peakMemory(long pid) {
        return memory(pid, "VmHWM:");
    }

    /** Resident memory of the process, in bytes. */
    static long memory(long pid) {
        return memory(pid, "VmRSS:");
    }

    private static long memory(long pid, String field) {
        String status = read("/proc/" + pid + "/status");
        if (status == null) {
            throw new IllegalStateException("process " + pid + " has ended");
        }
        String value = status.lines().filter(line -> line.startsWith(field)).findFirst().orElseThrow();
        return Long.parseLong(value.replaceAll("[^0-9]", "")) * 1024;
    }

    private static double seconds(String[] stat, int... fields) {
        long ticks = 0;
        for (int field : fields) {
            ticks += Long.parseLong(stat[field]);
        }
        return ticks / TICKS_PER_SECOND;
    }

    private static String[] stat(long pid) {
        String stat = read("/proc/" + pid + "/stat");
        // The name is in parentheses and may contain anything.
        return stat == null ? null : stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    }

    private static String read(String path) {
        try {
            return Files.readString(Path.of(path));
        } catch (NoSuchFileException e) {
            return null;
        } catch (IOException e) {
            if (String.valueOf(e.getMessage()).contains("No such process")) {
                return null; // ended while being read
            }
            throw new UncheckedIOException(e);
        }
    }
}
