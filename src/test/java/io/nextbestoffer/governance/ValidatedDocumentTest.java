package io.nextbestoffer.governance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.tuple;

import java.nio.charset.StandardCharsets;
import java.util.List;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import io.nextbestoffer.governance.InvalidStrategyProblem.DocumentProblemJson;
import io.nextbestoffer.strategy.Document;
import io.quarkiverse.resteasy.problem.HttpProblem;

class ValidatedDocumentTest {

    private static final String VALID = "strategy: one\nrules: []\notherwise: 1\n";

    @SuppressWarnings("unchecked")
    private static List<DocumentProblemJson> problems(byte @Nullable [] body) {
        var problem = catchThrowableOfType(HttpProblem.class, () -> ValidatedDocument.read(body));
        assertThat(problem.getStatusCode()).isEqualTo(400);
        assertThat(problem.getType()).hasToString("invalid-strategy");
        return (List<DocumentProblemJson>) problem.getParameters().get("problems");
    }

    private static String message(String body) {
        return problems(body.getBytes(StandardCharsets.UTF_8)).get(0).message();
    }

    @Test
    void keepsTheTextAsItWasPosted() {
        var posted = ValidatedDocument.read((VALID + "# Grüße  \r\n").getBytes(StandardCharsets.UTF_8));

        assertThat(posted.text()).isEqualTo(VALID + "# Grüße  \r\n");
        assertThat(posted.document().name()).isEqualTo("one");
    }

    @Test
    void rejectsHostileBodies() {
        assertThat(problems(null)).singleElement().extracting(DocumentProblemJson::message)
                .isEqualTo("the document is empty");
        assertThat(problems(new byte[]{'a', (byte) 0xff})).singleElement().extracting(DocumentProblemJson::message)
                .asString()
                .contains("not UTF-8");
        assertThat(message(VALID + "# \0")).contains("U+0000 is not allowed");
        assertThat(message(VALID + "description: \"\\0\"")).contains("contains the character NUL");
        assertThat(message("{\"strategy\": \"a\", \"rules\": [], \"otherwise\": \"\\ud800\"}"))
                .contains("half a surrogate pair");
        assertThat(message(VALID + "#".repeat(Document.MAX_LENGTH))).contains("at most 65536 are allowed");
        assertThat(message("[".repeat(1000))).contains("nested deeper");
        assertThat(message("strategy: validate\nrules: []\notherwise: 1"))
                .isEqualTo("a strategy can't be named validate: that name stands for the validation of"
                        + " documents");
    }

    @Test
    void reportsAllProblemsWithLineAndColumn() {
        assertThat(problems("strategy: One\nrules: []\n".getBytes(StandardCharsets.UTF_8)))
                .extracting(DocumentProblemJson::line, DocumentProblemJson::column)
                .containsExactly(tuple(1, 1), tuple(1, 11));
    }
}
