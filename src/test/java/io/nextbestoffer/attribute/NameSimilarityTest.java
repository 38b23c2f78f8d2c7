package io.nextbestoffer.attribute;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NameSimilarityTest {

    @ParameterizedTest
    @CsvSource({"'','',0", "abc,ABC,0", "'',abc,3", "abc,'',3", "abc,abd,1", "abc,ab,1", "abc,abxc,1", "abc,acb,2",
            "kitten,sitting,3"})
    void countsLettersToChangeInsertOrDelete(String one, String other, int distance) {
        assertThat(NameSimilarity.distance(one, other)).isEqualTo(distance);
        assertThat(NameSimilarity.distance(other, one)).isEqualTo(distance);
    }
}
