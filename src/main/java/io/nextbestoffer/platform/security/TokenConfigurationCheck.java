package io.nextbestoffer.platform.security;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;

import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

import io.quarkus.oidc.Oidc;
import io.quarkus.runtime.configuration.ConfigurationException;

/** Stops the start if the configuration does not allow tokens to be checked; warns if tokens are not required. */
@Singleton
class TokenConfigurationCheck {

    private static final Logger LOG = Logger.getLogger(TokenConfigurationCheck.class);
    private static final String SERVER = "quarkus.oidc.auth-server-url";
    private static final String AUDIENCE = "quarkus.oidc.token.audience";
    private static final String ISSUER = "quarkus.oidc.token.issuer";
    private static final String DISCOVERY = "quarkus.oidc.discovery-enabled";
    /** Value with which Quarkus skips the check. */
    private static final String ANY = "any";

    private final SecurityConfig config;
    private final Optional<String> server;
    private final Optional<List<String>> audience;
    private final Optional<String> issuer;
    private final Optional<Boolean> discovery;

    TokenConfigurationCheck(SecurityConfig config, @ConfigProperty(name = SERVER) Optional<String> server,
            @ConfigProperty(name = AUDIENCE) Optional<List<String>> audience,
            @ConfigProperty(name = ISSUER) Optional<String> issuer,
            @ConfigProperty(name = DISCOVERY) Optional<Boolean> discovery) {
        this.config = config;
        this.server = server;
        this.audience = audience;
        this.issuer = issuer;
        this.discovery = discovery;
    }

    /** Runs before Quarkus reads its own configuration, because Quarkus would accept a missing audience. */
    void check(@Observes Oidc starting) {
        if (!config.enabled()) {
            LOG.warn("nbo.security.enabled is false: no token is required, and anyone who can reach this service can do"
                    + " anything");
            return;
        }
        var wrong = new LinkedHashMap<String, String>();
        if (server.isEmpty()) {
            wrong.put(SERVER, "must be the URL of the identity provider, the issuer of the tokens");
        }
        if (audience.isEmpty() || audience.get().contains(ANY)) {
            wrong.put(AUDIENCE, "must name the audience of tokens for this service");
        }
        if (issuer.isEmpty() ? discovery.isPresent() && !discovery.get() : issuer.get().equals(ANY)) {
            wrong.put(ISSUER, "must be the issuer of the tokens if discovery is disabled");
        }
        if (!wrong.isEmpty()) {
            throw new ConfigurationException(wrong.entrySet().stream().map(TokenConfigurationCheck::message)
                    .reduce("", String::concat)
                    + "To run without tokens, set nbo.security.enabled=false.",
                    wrong.keySet());
        }
    }

    private static String message(Map.Entry<String, String> wrong) {
        return wrong.getKey() + " " + wrong.getValue() + ". ";
    }
}
