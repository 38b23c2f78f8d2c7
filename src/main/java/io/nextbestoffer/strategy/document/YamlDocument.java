package io.nextbestoffer.strategy.document;

import java.io.StringReader;

import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.events.AliasEvent;
import org.yaml.snakeyaml.events.CollectionEndEvent;
import org.yaml.snakeyaml.events.CollectionStartEvent;
import org.yaml.snakeyaml.events.DocumentStartEvent;
import org.yaml.snakeyaml.events.Event;
import org.yaml.snakeyaml.events.NodeEvent;
import org.yaml.snakeyaml.events.ScalarEvent;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.reader.ReaderException;
import org.yaml.snakeyaml.representer.Representer;

/**
 * Parses YAML into a graph of nodes with their positions. It constructs no Java objects, so a document can't run code.
 */
public final class YamlDocument {

    /** The maximum length of a document in characters. */
    static final int MAX_LENGTH = 64 * 1024;
    static final int MAX_DEPTH = 16;

    private YamlDocument() {
    }

    /** Parses a document; returns its root, or null after a problem that leaves nothing to check. */
    public static @Nullable Node compose(String document, ProblemCollector problems) {
        if (document.length() > MAX_LENGTH) {
            problems.add(1, 1, "the document has " + document.length() + " characters, at most " + MAX_LENGTH
                    + " are allowed");
            return null;
        }
        // JSON can be indented with tabs, which YAML forbids; JSON strings can't contain tabs
        String text = document.stripLeading().startsWith("{") ? document.replace('\t', ' ') : document;
        try {
            Yaml yaml = yaml();
            if (!isHarmless(yaml.parse(new StringReader(text)), problems)) {
                return null;
            }
            Node root = yaml.compose(new StringReader(text));
            if (root == null) {
                problems.add(1, 1, "the document is empty");
            }
            return root;
        } catch (MarkedYAMLException e) {
            Mark mark = e.getProblemMark() == null ? e.getContextMark() : e.getProblemMark();
            String context = e.getContext() == null ? "" : " " + e.getContext();
            problems.add(mark, "not YAML: " + e.getProblem() + context + hint(e.getProblem() + context));
        } catch (ReaderException e) {
            addReaderProblem(text, e, problems);
        } catch (YAMLException e) {
            problems.add(1, 1, "not YAML: " + e.getMessage());
        }
        return null;
    }

    /**
     * Returns a hint for the parser's messages about unquoted expressions such as {@code 'x' == a}, or texts with ": ".
     */
    private static String hint(String problem) {
        return problem.contains("expected <block end>") || problem.contains("mapping values are not allowed")
                || problem.contains("scanning an a")
                        ? "; if it is part of an expression or a text, put the whole value in quotes"
                        : "";
    }

    private static Yaml yaml() {
        var options = new LoaderOptions();
        options.setCodePointLimit(MAX_LENGTH);
        options.setNestingDepthLimit(MAX_DEPTH);
        var dumper = new DumperOptions();
        return new Yaml(new SafeConstructor(options), new Representer(dumper), dumper, options);
    }

    /** Checks the flat stream of events before a graph is built, so that no nesting can cause deep recursion. */
    private static boolean isHarmless(Iterable<Event> events, ProblemCollector problems) {
        int depth = 0;
        int documents = 0;
        boolean harmless = true;
        for (Event event : events) {
            if (event instanceof AliasEvent || event instanceof NodeEvent node && node.getAnchor() != null) {
                problems.add(event.getStartMark(),
                        "anchors and aliases are not supported: write the value itself,"
                                + " in quotes if it begins with & or *");
                harmless = false;
            } else if (event instanceof ScalarEvent scalar && !isStorable(scalar.getValue())) {
                problems.add(event.getStartMark(), "a string contains the character NUL or half a surrogate pair,"
                        + " which can't be stored: remove it");
                harmless = false;
            } else if (event instanceof DocumentStartEvent && ++documents > 1) {
                problems.add(event.getStartMark(), "a second document begins here: write one strategy per document");
                return false;
            } else if (event instanceof CollectionStartEvent && ++depth > MAX_DEPTH) {
                problems.add(event.getStartMark(), "nested deeper than " + MAX_DEPTH + " levels");
                return false;
            } else if (event instanceof CollectionEndEvent) {
                depth--;
            }
        }
        return harmless;
    }

    /** Checks the characters that escapes in quotes produce; the document itself is valid UTF-8 without NUL. */
    private static boolean isStorable(String text) {
        return text.indexOf(0) < 0 && text.codePoints().noneMatch(c -> c >= 0xd800 && c <= 0xdfff);
    }

    private static void addReaderProblem(String text, ReaderException e, ProblemCollector problems) {
        int at = text.offsetByCodePoints(0, Math.min(e.getPosition(), text.codePointCount(0, text.length())));
        int lineStart = text.lastIndexOf('\n', at - 1) + 1;
        problems.add((int) text.substring(0, at).chars().filter(c -> c == '\n').count() + 1,
                text.codePointCount(lineStart, at) + 1,
                "not YAML: the character U+" + String.format("%04X", e.getCodePoint()) + " is not allowed");
    }
}
