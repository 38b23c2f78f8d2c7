package io.nextbestoffer.governance;

import java.util.List;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.github.difflib.DiffUtils;
import com.github.difflib.UnifiedDiffUtils;
import com.github.difflib.algorithm.myers.MyersDiff;
import com.github.difflib.algorithm.myers.MyersDiffWithLinearSpace;
import com.github.difflib.patch.Patch;

import io.quarkus.runtime.annotations.RegisterForReflection;

/** The differences between two texts, line by line. */
final class TextDiff {

    private static final int CONTEXT = 3;

    /**
     * Up to this number of lines in both texts together, the standard algorithm is used: its result is the easiest to
     * read. The algorithm needs gigabytes for thousands of lines that have nothing in common.
     */
    private static final int MAX_LINES_FOR_MYERS = 1_000;

    private final String fromName;
    private final List<String> from;
    private final String toName;
    private final Patch<String> patch;

    TextDiff(String fromName, String from, String toName, String to) {
        this.fromName = fromName;
        this.from = from.lines().toList();
        this.toName = toName;
        List<String> lines = to.lines().toList();
        patch = DiffUtils.diff(this.from, lines,
                this.from.size() + lines.size() <= MAX_LINES_FOR_MYERS
                        ? new MyersDiff<>()
                        : new MyersDiffWithLinearSpace<>());
    }

    /** The format of {@code diff -u}; empty if the texts are equal. */
    String unified() {
        List<String> lines = UnifiedDiffUtils.generateUnifiedDiff(fromName, toName, from, patch, CONTEXT);
        return lines.isEmpty() ? "" : String.join("\n", lines) + "\n";
    }

    List<Hunk> hunks() {
        return patch.getDeltas().stream().map(delta -> new Hunk(delta.getSource().getPosition() + 1,
                delta.getSource().getLines(), delta.getTarget().getPosition() + 1, delta.getTarget().getLines()))
                .toList();
    }

    /**
     * Consecutive lines that differ.
     *
     * @param fromLine the number of the first removed line, from 1
     * @param removed empty if lines were only added
     * @param toLine the number of the first added line, from 1
     * @param added empty if lines were only removed
     */
    @RegisterForReflection
    record Hunk(@JsonProperty("from_line") int fromLine, List<String> removed, @JsonProperty("to_line") int toLine,
            List<String> added) {
    }
}
