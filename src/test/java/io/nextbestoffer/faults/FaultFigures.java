package io.nextbestoffer.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Prints the figures of a fault test, and writes them to a table. */
final class FaultFigures {

    private static final Path TABLE = Path.of("target", "faults.md");
    private static final Path PAGE = Path.of("docs", "faults.md");
    /** The part of the page before this heading is written by hand. */
    private static final String MARK = "## Figures";
    private static final String HEAD = """
            | fault | records | offers | parked | dead letters | lost | duplicated | first offer after: median, max | \
            every partition: median, max | peak RSS | look-ups (503, refused) |
            | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
            """;

    private FaultFigures() {
    }

    static void begin(FaultScale scale) throws IOException {
        Files.createDirectories(TABLE.getParent());
        Files.writeString(TABLE, """
                The %s form, %,d activities per second, on %s, %d cores, Java %s, %s.

                """.formatted(scale.name(), scale.perSecond(), LocalDate.now(),
                Runtime.getRuntime().availableProcessors(), System.getProperty("java.version"),
                machine()) + HEAD);
    }

    /** Writes the table to the page of the documentation, with {@code -Dfaults.write=true}. */
    static void end() throws IOException {
        if (Boolean.getBoolean("faults.write")) {
            String page = Files.readString(PAGE);
            Files.writeString(PAGE, page.substring(0, page.indexOf(MARK)) + MARK + "\n\n" + Files.readString(TABLE));
        }
    }

    private static String machine() {
        try (var lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            return lines.filter(line -> line.startsWith("model name")).findFirst()
                    .map(line -> line.replaceAll(".*:\\s*", "")).orElse(System.getProperty("os.arch"));
        } catch (IOException | UncheckedIOException e) {
            return System.getProperty("os.name") + " " + System.getProperty("os.arch");
        }
    }

    static void report(String fault, RecordLedger.Counts counts, ExactlyOnceProof.Result result,
            List<RecoveryTime> recoveries,
            long peakMegabytes, LookupLoad.Counts lookups) throws IOException {
        List<Duration> first = times(recoveries.stream().map(RecoveryTime::first).toList());
        List<Duration> everywhere = times(recoveries.stream().map(RecoveryTime::everywhere).toList());
        print("faults: %s: %,d records, %,d offers, %,d parked, %,d dead letters, %,d lost, %,d duplicated, "
                + "recovery median %s max %s (every partition: median %s max %s), peak RSS %d MiB, "
                + "look-ups %,d (503: %,d, refused: %,d)%n",
                fault, counts.sent(), counts.offers(), result.parked(), counts.deadLetters(), result.lost(),
                counts.duplicates(), median(first), max(first), median(everywhere), max(everywhere), peakMegabytes,
                lookups.answered(), lookups.unavailable(), lookups.refused());
        Files.writeString(TABLE, "| %s | %,d | %,d | %,d | %,d | %,d | %,d | %s, %s | %s, %s | %s | %,d (%,d, %,d) |%n"
                .formatted(fault, counts.sent(), counts.offers(), result.parked(), counts.deadLetters(),
                        result.lost(), counts.duplicates(), median(first), max(first), median(everywhere),
                        max(everywhere), peakMegabytes == 0 ? "" : peakMegabytes + " MiB", lookups.answered(),
                        lookups.unavailable(), lookups.refused()),
                StandardOpenOption.APPEND);
    }

    static void print(String format, Object... arguments) {
        System.out.print(format.formatted(arguments));
        System.out.flush();
    }

    private static List<Duration> times(List<Duration> all) {
        List<Duration> known = all.stream().filter(one -> one != null).collect(Collectors.toCollection(ArrayList::new));
        Collections.sort(known);
        return known;
    }

    private static String median(List<Duration> sorted) {
        return sorted.isEmpty() ? "–" : seconds(sorted.get(sorted.size() / 2));
    }

    private static String max(List<Duration> sorted) {
        return sorted.isEmpty() ? "–" : seconds(sorted.get(sorted.size() - 1));
    }

    private static String seconds(Duration time) {
        return String.format(Locale.ROOT, "%.1f s", time.toMillis() / 1000.0);
    }
}
