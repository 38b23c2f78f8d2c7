package io.nextbestoffer.benchmark;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MarkdownTableTest {

    @ParameterizedTest
    @CsvSource(textBlock = """
            0,        0.00
            0.0042,   0.00
            1.234,    1.23
            9.994,    9.99
            9.996,    10.0
            12.345,   12.3
            99.94,    99.9
            99.96,    100
            412.6,    413
            999.9,    1000
            1234.5,   '1,230'
            21347,    '21,300'
            1234567,  '1,230,000'
            """)
    void roundsToThreeSignificantDigits(double value, String text) {
        assertThat(MarkdownTable.number(value)).isEqualTo(text);
    }

    @Test
    void computesTheMedianOfOddAndEvenNumbersOfRounds() {
        assertThat(MarkdownTable.median(new double[]{3, 1, 2})).isEqualTo(2);
        assertThat(MarkdownTable.median(new double[]{4, 1, 2, 3})).isEqualTo(2.5);
        assertThat(MarkdownTable.median(new double[]{7})).isEqualTo(7);
    }

    @Test
    void writesMarkdown() {
        assertThat(new MarkdownTable("", "one", "other").row("what", "1", "2")).hasToString("""
                |  | one | other |
                | --- | ---: | ---: |
                | what | 1 | 2 |
                """);
    }
}
