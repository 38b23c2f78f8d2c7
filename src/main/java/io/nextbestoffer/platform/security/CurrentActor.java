package io.nextbestoffer.platform.security;

import java.time.Instant;
import java.util.List;
import java.util.regex.Pattern;

import jakarta.enterprise.context.RequestScoped;
import jakarta.ws.rs.core.HttpHeaders;

import org.eclipse.microprofile.jwt.Claims;
import org.eclipse.microprofile.jwt.JsonWebToken;
import org.jspecify.annotations.Nullable;

import io.nextbestoffer.platform.Problems;
import io.quarkus.security.identity.SecurityIdentity;

/**
 * The {@link Actor} behind the current request: named by its token or, where the service runs without tokens, by the
 * header {@value Actor#HEADER}.
 */
@RequestScoped
public class CurrentActor {

    private static final Pattern NAME = Pattern.compile("[\\x21-\\x7e]([\\x20-\\x7e]{0,98}[\\x21-\\x7e])?");
    /** OpenID Connect limits subjects to 255 ASCII characters. */
    private static final Pattern SUBJECT = Pattern.compile("[\\x20-\\x7e]{1,255}");
    /** Attribute set by Quarkus, in seconds since 1970. */
    private static final String EXPIRY = "quarkus.identity.expire-time";

    private final HttpHeaders headers;
    private final SecurityIdentity identity;
    private final SecurityConfig config;

    CurrentActor(HttpHeaders headers, SecurityIdentity identity, SecurityConfig config) {
        this.headers = headers;
        this.identity = identity;
        this.config = config;
    }

    /** Returns the actor; fails with a problem if the request names none, or if the name is not usable. */
    public Actor require() {
        Actor actor = find();
        if (actor == null) {
            throw invalidHeader();
        }
        return actor;
    }

    /**
     * Returns the actor; null if the request has neither a token nor the header. Fails with a problem if the name is
     * not usable.
     */
    public @Nullable Actor find() {
        if (config.enabled()) {
            return fromToken();
        }
        List<String> values = headers.getRequestHeader(Actor.HEADER);
        if (values == null || values.isEmpty()) {
            return null;
        }
        if (values.size() != 1 || !NAME.matcher(values.get(0)).matches()) {
            throw invalidHeader();
        }
        return new Actor(null, values.get(0));
    }

    private Actor fromToken() {
        String name = identity.getPrincipal().getName();
        if (name == null || !NAME.matcher(name).matches()) {
            throw Problems.problem(403, "name-unusable", "Caller's name not usable",
                    "The claim that names the caller (quarkus.oidc.token.principal-claim) must have 1 to 100 printable"
                            + " characters (ASCII).")
                    .build();
        }
        return new Actor(subject(), name);
    }

    private @Nullable String subject() {
        String subject = identity.getPrincipal() instanceof JsonWebToken token
                ? token.getClaim(Claims.sub)
                : null;
        if (subject != null && !SUBJECT.matcher(subject).matches()) {
            throw Problems.problem(403, "name-unusable", "Caller's subject not usable",
                    "The claim sub must have 1 to 255 printable characters (ASCII).").build();
        }
        return subject;
    }

    private static RuntimeException invalidHeader() {
        return Problems.invalid(List.of(new Problems.Violation(Actor.HEADER,
                "must be sent once, with the caller's name: 1 to 100 printable ASCII characters")));
    }

    /** When the caller's token expires; null if there is no token. */
    public @Nullable Instant tokenExpiry() {
        Long seconds = identity.getAttribute(EXPIRY);
        return seconds == null ? null : Instant.ofEpochSecond(seconds);
    }
}
