package io.nextbestoffer.platform.security;

import java.time.Instant;
import java.util.List;
import java.util.regex.Pattern;

import jakarta.enterprise.context.RequestScoped;
import jakarta.ws.rs.core.HttpHeaders;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.platform.Problems;
import io.quarkus.security.identity.SecurityIdentity;

/** Who makes a request: by his token, or, where none is asked for, whoever he says he is. */
@RequestScoped
public class Actor {

    public static final String HEADER = "X-User";
    public static final String DESCRIPTION = "Who does it: 1 to 100 printable characters (ASCII), for the audit trail."
            + " Only asked for where the service runs without tokens; with a token its name counts, and this is ignored";

    private static final Pattern NAME = Pattern.compile("[\\x21-\\x7e]([\\x20-\\x7e]{0,98}[\\x21-\\x7e])?");
    /** Set by Quarkus: seconds since 1970. */
    private static final String EXPIRY = "quarkus.identity.expire-time";

    private final HttpHeaders headers;
    private final SecurityIdentity identity;
    private final SecurityConfig config;

    Actor(HttpHeaders headers, SecurityIdentity identity, SecurityConfig config) {
        this.headers = headers;
        this.identity = identity;
        this.config = config;
    }

    /** Fails with a problem if it is not told. */
    public String name() {
        String name = nameIfTold();
        if (name == null) {
            throw invalid();
        }
        return name;
    }

    /** Null if there is neither a token nor a header; fails with a problem if what there is can't be a name. */
    public @Nullable String nameIfTold() {
        if (config.enabled()) {
            return nameInToken();
        }
        List<String> given = headers.getRequestHeader(HEADER);
        if (given == null || given.isEmpty()) {
            return null;
        }
        if (given.size() != 1 || !NAME.matcher(given.get(0)).matches()) {
            throw invalid();
        }
        return given.get(0);
    }

    private String nameInToken() {
        String name = identity.getPrincipal().getName();
        if (name == null || !NAME.matcher(name).matches()) {
            throw Problems.problem(403, "name-unusable", "The token names nobody",
                    "The claim that names the caller (quarkus.oidc.token.principal-claim) must have 1 to 100 printable"
                            + " characters (ASCII).")
                    .build();
        }
        return name;
    }

    private static RuntimeException invalid() {
        return Problems.invalid(List.of(new Problems.Violation(HEADER,
                "must be a header, once, with the name of who does it: 1 to 100 printable characters (ASCII)")));
    }

    /** When the token expires; null if there is none. */
    public @Nullable Instant expiry() {
        Long seconds = identity.getAttribute(EXPIRY);
        return seconds == null ? null : Instant.ofEpochSecond(seconds);
    }
}
