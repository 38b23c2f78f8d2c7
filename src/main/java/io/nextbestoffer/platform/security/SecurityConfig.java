package io.nextbestoffer.platform.security;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** Access to the REST API. The issuer and the audience of tokens are properties of Quarkus: {@code quarkus.oidc.*}. */
@ConfigMapping(prefix = "nbo.security")
public interface SecurityConfig {

    /** Whether callers need a token. If not, anyone who can reach the service can do anything. */
    @WithDefault("true")
    boolean enabled();

    /** Whether the OpenAPI document and Swagger UI are public. */
    @WithDefault("false")
    boolean openDocumentation();
}
