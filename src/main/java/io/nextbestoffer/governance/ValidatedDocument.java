package io.nextbestoffer.governance;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.strategy.Document;
import io.nextbestoffer.strategy.document.DocumentProblem;
import io.nextbestoffer.strategy.document.InvalidStrategyException;
import io.quarkiverse.resteasy.problem.HttpProblem;

/**
 * A valid document that is not stored yet.
 *
 * @param text as it was posted
 */
record ValidatedDocument(String text, Document document) {

    /** @throws InvalidStrategyException listing all problems */
    static ValidatedDocument parse(String text) {
        return new ValidatedDocument(text, Document.parse(text, 0));
    }

    /** @throws HttpProblem 400, listing all problems with their lines and columns */
    static ValidatedDocument read(byte @Nullable [] body) {
        try {
            return parse(StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body == null ? new byte[0] : body))
                    .toString());
        } catch (CharacterCodingException e) {
            throw InvalidStrategyProblem
                    .of(List.of(new DocumentProblem(1, 1, "not UTF-8: save the file in this encoding")));
        } catch (InvalidStrategyException e) {
            throw InvalidStrategyProblem.of(e.problems());
        }
    }
}
