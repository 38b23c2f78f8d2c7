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

/** Stops a start in which tokens could not be checked, and says so if none are. */
@Singleton
class TokenConfigurationCheck {

    private static final Logger LOG = Logger.getLogger(TokenConfigurationCheck.class);
    private static final String SERVER = "quarkus.oidc.auth-server-url";
    private static final String AUDIENCE = "quarkus.oidc.token.audience";
    private static final String ISSUER = "quarkus.oidc.token.issuer";
    private static final String DISCOVERY = "quarkus.oidc.discovery-enabled";
    /** By this value Quarkus leaves out the check. */
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

    /** Before Quarkus looks at its configuration: it would do without an audience. */
    void check(@Observes Oidc starting) {
        if (!config.enabled()) {
            LOG.warn("nbo.security.enabled is false: no token is asked for, and everybody who reaches this service may"
                    + " do all");
            return;
        }
        var wrong = new LinkedHashMap<String, String>();
        if (server.isEmpty()) {
            wrong.put(SERVER, "must be the URL of the identity provider (the issuer of the tokens)");
        }
        if (audience.isEmpty() || audience.get().contains(ANY)) {
            wrong.put(AUDIENCE, "must name the audience that tokens for this service have");
        }
        if (issuer.isEmpty() ? discovery.isPresent() && !discovery.get() : issuer.get().equals(ANY)) {
            wrong.put(ISSUER, "must be the issuer of the tokens, if it is not to be discovered");
        }
        if (!wrong.isEmpty()) {
            throw new ConfigurationException(wrong.entrySet().stream().map(TokenConfigurationCheck::told)
                    .reduce("", String::concat)
                    + "Without tokens the service runs with nbo.security.enabled=false only.",
                    wrong.keySet());
        }
    }

    private static String told(Map.Entry<String, String> wrong) {
        return wrong.getKey() + " " + wrong.getValue() + ". ";
    }
}
