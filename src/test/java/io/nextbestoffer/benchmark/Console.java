package io.nextbestoffer.benchmark;

import java.time.LocalTime;
import java.time.temporal.ChronoUnit;
import java.util.Locale;

/** What the user of the benchmark reads while it runs. */
final class Console {
    private Console() {
    }

    static void progress(String format, Object... arguments) {
        System.out.println(
                LocalTime.now().truncatedTo(ChronoUnit.SECONDS) + " " + String.format(Locale.ROOT, format, arguments));
    }
}
