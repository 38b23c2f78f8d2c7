package io.nextbestoffer.benchmark;

import java.time.LocalTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Prints the progress of the benchmark. */
final class BenchmarkConsole {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss");

    private BenchmarkConsole() {
    }

    static void progress(String format, Object... arguments) {
        System.out.println(
                LocalTime.now().format(TIME) + " " + String.format(Locale.ROOT, format, arguments));
    }
}
