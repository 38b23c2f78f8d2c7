package io.nextbestoffer.platform.security;

import java.security.Principal;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.OptionalInt;
import java.util.Set;

import jakarta.annotation.Priority;
import jakarta.enterprise.inject.Alternative;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.HttpHeaders;

import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.jwt.JsonWebToken;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

import io.nextbestoffer.platform.Problems;
import io.nextbestoffer.platform.Roles;
import io.nextbestoffer.platform.ThrottledLog;
import io.nextbestoffer.platform.http.RequestLimiter;
import io.quarkus.oidc.OIDCException;
import io.quarkus.oidc.runtime.OidcAuthenticationMechanism;
import io.quarkus.security.AuthenticationException;
import io.quarkus.security.AuthenticationFailedException;
import io.quarkus.security.identity.IdentityProviderManager;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.security.identity.request.AuthenticationRequest;
import io.quarkus.security.runtime.QuarkusSecurityIdentity;
import io.quarkus.vertx.http.runtime.security.ChallengeData;
import io.quarkus.vertx.http.runtime.security.HttpAuthenticationMechanism;
import io.quarkus.vertx.http.runtime.security.HttpCredentialTransport;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;

/**
 * Authenticates callers by their bearer tokens or, where tokens are switched off, gives every caller all roles. Quarkus
 * checks the tokens. If a check fails, this class answers with problem details (RFC 9457), which disclose no more of
 * the reason than RFC 6750 requires.
 */
@Alternative
@Priority(1)
@Singleton
class BearerTokens implements HttpAuthenticationMechanism {

    private static final Logger LOG = Logger.getLogger(BearerTokens.class);
    private static final Principal ANONYMOUS = () -> "";
    private static final Uni<SecurityIdentity> ANYONE = Uni.createFrom().item(QuarkusSecurityIdentity.builder()
            .setPrincipal(ANONYMOUS).addRoles(Roles.ALL).setAnonymous(true).build());
    /** Pause after an identity provider did not answer. Without it, each request would call the provider again. */
    private static final Duration PROVIDER_PAUSE = Duration.ofSeconds(1);
    private static final int DEFAULT_CLOCK_SKEW_S = 10;
    private static final String REFUSAL = BearerTokens.class.getName() + ".refusal";

    private enum Refusal {
        PROVIDER_UNAVAILABLE, NAME_UNUSABLE
    }

    private final OidcAuthenticationMechanism tokens;
    private final RequestLimiter limiter;
    private final Clock clock;
    private final boolean enabled;
    private final int clockSkewSeconds;
    private final ThrottledLog providerUnavailable = new ThrottledLog(
            count -> LOG.warnf("the identity provider does not answer: %d request(s) answered 503", count));
    private final ThrottledLog uncheckable = new ThrottledLog(
            count -> LOG.warnf("%d malformed token(s) refused", count));
    private volatile Instant pausedUntil = Instant.MIN;

    BearerTokens(OidcAuthenticationMechanism tokens, SecurityConfig config, RequestLimiter limiter, Clock clock,
            @ConfigProperty(name = "quarkus.oidc.token.lifespan-grace") OptionalInt clockSkew) {
        this.tokens = tokens;
        this.limiter = limiter;
        this.clock = clock;
        this.enabled = config.enabled();
        this.clockSkewSeconds = Math.max(DEFAULT_CLOCK_SKEW_S, clockSkew.orElse(0));
    }

    @Override
    public Uni<SecurityIdentity> authenticate(RoutingContext request, IdentityProviderManager identities) {
        if (!enabled) {
            return ANYONE;
        }
        if (hasToken(request) && clock.instant().isBefore(pausedUntil)) {
            return Uni.createFrom().failure(refused(request, Refusal.PROVIDER_UNAVAILABLE));
        }
        return tokens.authenticate(request, identities)
                .onItem().ifNotNull().invoke(identity -> check(request, identity))
                .onFailure(failure -> !(failure instanceof AuthenticationFailedException))
                .transform(failure -> failed(request, failure));
    }

    private void check(RoutingContext request, SecurityIdentity identity) {
        if (identity.getPrincipal() instanceof JsonWebToken token) {
            if (token.getIssuedAtTime() > clock.instant().getEpochSecond() + clockSkewSeconds) {
                throw new AuthenticationFailedException();
            }
            if (!isNamedByText(token)) {
                throw refused(request, Refusal.NAME_UNUSABLE);
            }
        }
    }

    private static boolean isNamedByText(JsonWebToken token) {
        try {
            token.getName();
            return true;
        } catch (ClassCastException e) {
            // The claim is a number, an array or an object
            return false;
        }
    }

    private static AuthenticationFailedException refused(RoutingContext request, Refusal refusal) {
        request.put(REFUSAL, refusal);
        return new AuthenticationFailedException();
    }

    /** Quarkus answers 500 to all failures but this exception, which leads to {@link #sendChallenge}. */
    private AuthenticationFailedException failed(RoutingContext request, Throwable failure) {
        if (failure instanceof OIDCException) {
            pausedUntil = clock.instant().plus(PROVIDER_PAUSE);
            return refused(request, Refusal.PROVIDER_UNAVAILABLE);
        }
        if (!(failure instanceof AuthenticationException)) {
            // Without its message, which can quote the token
            LOG.debugf("a token could not be checked: %s", failure.getClass().getName());
            uncheckable.event();
        }
        return new AuthenticationFailedException();
    }

    @Override
    public Uni<Boolean> sendChallenge(RoutingContext request) {
        if (limiter.admit(request)) {
            answer(request, request.get(REFUSAL));
        }
        return Uni.createFrom().item(true);
    }

    private void answer(RoutingContext request, @Nullable Refusal refusal) {
        HttpServerResponse response = request.response();
        if (refusal == Refusal.PROVIDER_UNAVAILABLE) {
            providerUnavailable.event();
            Problems.answer(response, 503, "unavailable", "The identity provider does not answer",
                    "Tokens can't be checked now. Try again later.");
        } else if (refusal == Refusal.NAME_UNUSABLE) {
            Problems.answer(response, 403, "name-unusable", "Caller's name not usable",
                    "The claim that names the caller must be text.");
        } else {
            response.putHeader(HttpHeaders.WWW_AUTHENTICATE, challenge(request));
            Problems.answer(response, 401, "unauthorized", "Unauthorized", hasToken(request)
                    ? "The token is not valid, or not valid for this service."
                    : "A token is needed: Authorization: Bearer <token>");
        }
    }

    @Override
    public Uni<ChallengeData> getChallenge(RoutingContext request) {
        return Uni.createFrom().item(new ChallengeData(401, HttpHeaders.WWW_AUTHENTICATE, challenge(request)));
    }

    private static String challenge(RoutingContext request) {
        return hasToken(request) ? "Bearer error=\"invalid_token\"" : "Bearer";
    }

    private static boolean hasToken(RoutingContext request) {
        String authorization = request.request().getHeader(HttpHeaders.AUTHORIZATION);
        return authorization != null && authorization.regionMatches(true, 0, "Bearer", 0, "Bearer".length());
    }

    @Override
    public Set<Class<? extends AuthenticationRequest>> getCredentialTypes() {
        return tokens.getCredentialTypes();
    }

    @Override
    public Uni<HttpCredentialTransport> getCredentialTransport(RoutingContext request) {
        return tokens.getCredentialTransport(request);
    }
}
