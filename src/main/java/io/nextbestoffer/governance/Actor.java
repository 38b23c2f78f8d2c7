package io.nextbestoffer.governance;

import java.util.List;
import java.util.regex.Pattern;

import jakarta.enterprise.context.RequestScoped;
import jakarta.ws.rs.core.HttpHeaders;

import io.nextbestoffer.platform.Problems;

/** Who makes a request. For now whoever he says he is: a gateway must see to it. */
@RequestScoped
class Actor {

    static final String HEADER = "X-User";
    static final String DESCRIPTION = "Who does it: 1 to 100 printable characters (ASCII), for the audit trail";

    private static final Pattern NAME = Pattern.compile("[\\x21-\\x7e]([\\x20-\\x7e]{0,98}[\\x21-\\x7e])?");

    private final HttpHeaders headers;

    Actor(HttpHeaders headers) {
        this.headers = headers;
    }

    /** Fails with a problem if it is not told. */
    String name() {
        List<String> given = headers.getRequestHeader(HEADER);
        if (given == null || given.size() != 1 || !NAME.matcher(given.get(0)).matches()) {
            throw Problems.invalid(List.of(new Problems.Violation(HEADER,
                    "must be a header, once, with the name of who does it: 1 to 100 printable characters (ASCII)")));
        }
        return given.get(0);
    }
}
