package io.nextbestoffer.governance;

import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.attribute.Attributes;
import io.nextbestoffer.attribute.InvalidInputException;
import io.nextbestoffer.attribute.JsonReader;
import io.nextbestoffer.platform.Problems;

/** Reads the body of a request that requires a reason. */
final class ReasonBody {

    static final String EXAMPLE = """
            {"reason": "Spring campaign"}""";

    private static final String REASON = "reason";
    private static final int MAX_LENGTH = 500;

    private ReasonBody() {
    }

    /**
     * Returns the reason.
     *
     * @throws io.quarkiverse.resteasy.problem.HttpProblem 400, listing all violations
     */
    static String read(byte @Nullable [] body) {
        Attributes fields;
        try {
            fields = JsonReader.object(body == null ? new byte[0] : body);
        } catch (InvalidInputException e) {
            throw Problems.invalid(List.of(new Problems.Violation("", e.getMessage() + "; an example is " + EXAMPLE)));
        }
        var violations = new ArrayList<Problems.Violation>();
        fields.forEach((name, value) -> {
            if (!name.equals(REASON)) {
                violations.add(new Problems.Violation(name, "is unknown; the only field is " + REASON));
            }
        });
        if (fields.get(REASON) instanceof String reason && !reason.isBlank() && reason.length() <= MAX_LENGTH) {
            if (violations.isEmpty()) {
                return reason;
            }
        } else {
            violations.add(new Problems.Violation(REASON, "must be a string of 1 to " + MAX_LENGTH + " characters"));
        }
        throw Problems.invalid(violations);
    }
}
