package io.nextbestoffer.platform.security;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** Who issues the tokens, and for whom they must be, is said by {@code quarkus.oidc.*}. */
@ConfigMapping(prefix = "nbo.security")
public interface SecurityConfig {

    /** Whether callers need a token. If not, everybody who reaches the service may do all. */
    @WithDefault("true")
    boolean enabled();

    /** Whether the OpenAPI document and Swagger UI can be read without a token. */
    @WithDefault("false")
    boolean openDocumentation();
}
