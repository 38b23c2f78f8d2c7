package io.nextbestoffer.governance;

import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.attribute.Attributes;
import io.nextbestoffer.attribute.InvalidInputException;
import io.nextbestoffer.attribute.JsonReader;
import io.nextbestoffer.platform.Problems;

/** The body of what needs a reason. */
final class ReasonBody {

    static final String EXAMPLE = """
            {"reason": "Spring campaign"}""";

    private static final String REASON = "reason";
    private static final int MAX = 500;

    private ReasonBody() {
    }

    /** @throws io.quarkiverse.resteasy.problem.HttpProblem 400, naming all that is wrong */
    static String read(byte @Nullable [] body) {
        Attributes fields;
        try {
            fields = JsonReader.object(body == null ? new byte[0] : body);
        } catch (InvalidInputException e) {
            throw Problems.invalid(List.of(new Problems.Violation("", e.getMessage() + "; it must be " + EXAMPLE)));
        }
        var violations = new ArrayList<Problems.Violation>();
        fields.forEach((name, value) -> {
            if (!name.equals(REASON)) {
                violations.add(new Problems.Violation(name, "is unknown: only " + REASON + " is expected"));
            }
        });
        if (fields.get(REASON) instanceof String reason && !reason.isBlank() && reason.length() <= MAX) {
            if (violations.isEmpty()) {
                return reason;
            }
        } else {
            violations.add(new Problems.Violation(REASON, "must be a text of 1 to " + MAX + " characters"));
        }
        throw Problems.invalid(violations);
    }
}
