package io.nextbestoffer.platform.security;

import java.security.Principal;
import java.util.Set;

import jakarta.annotation.Priority;
import jakarta.enterprise.inject.Alternative;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.HttpHeaders;

import org.jboss.logging.Logger;

import io.nextbestoffer.platform.Problems;
import io.nextbestoffer.platform.Roles;
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
 * Who calls, by his token; or, where none is asked for, somebody who may do all. Quarkus checks the tokens; this says
 * by problem details (RFC 9457) that it failed, and no more of the reason than RFC 6750 wants.
 */
@Alternative
@Priority(1)
@Singleton
class BearerTokens implements HttpAuthenticationMechanism {

    private static final Logger LOG = Logger.getLogger(BearerTokens.class);
    private static final Principal NOBODY = () -> "";
    private static final Uni<SecurityIdentity> WHOEVER = Uni.createFrom().item(QuarkusSecurityIdentity.builder()
            .setPrincipal(NOBODY).addRoles(Roles.ALL).setAnonymous(true).build());
    private static final String UNAVAILABLE = BearerTokens.class.getName() + ".unavailable";

    private final OidcAuthenticationMechanism tokens;
    private final boolean enabled;

    BearerTokens(OidcAuthenticationMechanism tokens, SecurityConfig config) {
        this.tokens = tokens;
        this.enabled = config.enabled();
    }

    @Override
    public Uni<SecurityIdentity> authenticate(RoutingContext request, IdentityProviderManager identities) {
        if (!enabled) {
            return WHOEVER;
        }
        return tokens.authenticate(request, identities)
                .onFailure(failure -> !(failure instanceof AuthenticationFailedException))
                .transform(failure -> failed(request, failure));
    }

    /** It ends in the challenge below, whatever it is: Quarkus would answer 500 to all but failed authentications. */
    private static AuthenticationFailedException failed(RoutingContext request, Throwable failure) {
        if (failure instanceof OIDCException) {
            request.put(UNAVAILABLE, true);
        } else if (!(failure instanceof AuthenticationException)) {
            LOG.errorf("a token could not be checked: %s", failure.getClass().getName()); // its message may quote it
        }
        return new AuthenticationFailedException();
    }

    @Override
    public Uni<Boolean> sendChallenge(RoutingContext request) {
        HttpServerResponse response = request.response();
        if (request.get(UNAVAILABLE) != null) {
            Problems.answer(response, 503, "unavailable", "The identity provider does not answer",
                    "Tokens can't be checked now. Ask again later.");
        } else {
            response.putHeader(HttpHeaders.WWW_AUTHENTICATE, challenge(request));
            Problems.answer(response, 401, "unauthorized", "Unauthorized", hasToken(request)
                    ? "The token is not valid, or not valid for this service."
                    : "A token is needed: Authorization: Bearer <token>");
        }
        return Uni.createFrom().item(true);
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
