package io.nextbestoffer.governance;

import java.util.List;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.github.difflib.DiffUtils;
import com.github.difflib.UnifiedDiffUtils;
import com.github.difflib.algorithm.myers.MyersDiff;
import com.github.difflib.algorithm.myers.MyersDiffWithLinearSpace;
import com.github.difflib.patch.Patch;

import io.quarkus.runtime.annotations.RegisterForReflection;

/** What differs between two texts, line by line. */
final class TextDiff {

    private static final int CONTEXT = 3;

    /**
     * Lines of both together. The usual algorithm reads best, but for thousands of lines of which none is the same it
     * would take gigabytes.
     */
    private static final int FEW = 1_000;

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
                this.from.size() + lines.size() <= FEW ? new MyersDiff<>() : new MyersDiffWithLinearSpace<>());
    }

    /** As {@code diff -u} has it; empty if they are equal. */
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
     * @param fromLine where the lines were, from 1
     * @param removed none if lines were only added
     * @param toLine where the lines are now, from 1
     * @param added none if lines were only removed
     */
    @RegisterForReflection
    record Hunk(@JsonProperty("from_line") int fromLine, List<String> removed, @JsonProperty("to_line") int toLine,
            List<String> added) {
    }
}
