package io.nextbestoffer.kubernetes;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The SQL statements of a documentation page, by the heading above them. Each is returned once, so that a test finds
 * statements that it has not used.
 */
final class RunbookSql {

    private static final Pattern PARTS = Pattern.compile("(?ms)^## (?<heading>.*?)$|^ *```sql\n(?<sql>.*?)^ *```");

    private final Map<String, List<String>> left = new LinkedHashMap<>();

    RunbookSql(Path page) {
        try {
            var part = PARTS.matcher(Files.readString(page));
            String heading = "";
            while (part.find()) {
                if (part.group("heading") != null) {
                    heading = part.group("heading");
                } else {
                    left.computeIfAbsent(heading, any -> new ArrayList<>()).add(part.group("sql"));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Removes and returns the next statement under this heading. */
    String take(String heading) {
        if (!left.containsKey(heading)) {
            throw new IllegalArgumentException(
                    "no statement is left under " + heading + ", only under " + left.keySet());
        }
        List<String> statements = left.get(heading);
        String taken = statements.remove(0);
        if (statements.isEmpty()) {
            left.remove(heading);
        }
        return taken;
    }

    /** Headings with unused statements. */
    List<String> left() {
        return List.copyOf(left.keySet());
    }
}
