package io.nextbestoffer.governance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import io.nextbestoffer.governance.TextDiff.Hunk;
import io.nextbestoffer.strategy.Document;

class TextDiffTest {

    @Test
    void returnsAUnifiedDiffAndHunks() {
        var difference = new TextDiff("banking 1", "a\nb\nc\n", "banking 2", "a\nx\nc\nd\n");

        assertThat(difference.unified()).isEqualTo("""
                --- banking 1
                +++ banking 2
                @@ -1,3 +1,4 @@
                 a
                -b
                +x
                 c
                +d
                """);
        assertThat(difference.hunks()).containsExactly(new Hunk(2, List.of("b"), 2, List.of("x")),
                new Hunk(4, List.of(), 4, List.of("d")));
    }

    @Test
    void returnsNothingForEqualTexts() {
        var difference = new TextDiff("one", "a\nb", "other", "a\nb");

        assertThat(difference.unified()).isEmpty();
        assertThat(difference.hunks()).isEmpty();
    }

    @Test
    @Timeout(30)
    void comparesTheLongestDocumentsWithoutACommonLine() {
        int lines = Document.MAX_LENGTH / 7;
        var difference = new TextDiff("one", comments('a', lines), "other", comments('b', lines));

        assertThat(difference.hunks().stream().mapToInt(hunk -> hunk.removed().size()).sum()).isEqualTo(lines);
        assertThat(difference.hunks().stream().mapToInt(hunk -> hunk.added().size()).sum()).isEqualTo(lines);
    }

    private static String comments(char kind, int lines) {
        return IntStream.range(0, lines).mapToObj(i -> "#" + kind + Integer.toString(i, 36))
                .collect(Collectors.joining("\n"));
    }
}
