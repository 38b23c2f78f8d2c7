package io.nextbestoffer.platform.security;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ActorTest {

    @ParameterizedTest
    @CsvSource({
            "id-1, maria, id-1, maria, true",
            "id-1, maria, id-1, renamed, true",
            "id-1, maria, ID-1, maria, false",
            "id-1, maria, id-2, maria, false",
            "id-1, maria, , Maria, true",
            ", maria, , Maria, true",
            ", maria, , ann, false"
    })
    void comparesSubjectsOrElseNamesIgnoringCase(String subject, String name, String otherSubject,
            String otherName, boolean same) {
        var actor = new Actor(subject, name);
        var other = new Actor(otherSubject, otherName);

        assertThat(actor.isSameAs(other)).isEqualTo(same);
        assertThat(other.isSameAs(actor)).isEqualTo(same);
    }
}
