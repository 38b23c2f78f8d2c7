package io.nextbestoffer.platform.http;

import static io.restassured.RestAssured.given;
import static io.restassured.RestAssured.when;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.nullValue;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;

import org.junit.jupiter.api.Test;

import io.nextbestoffer.sandbox.JsonLogReceiver;
import io.nextbestoffer.sandbox.SandboxResource;
import io.nextbestoffer.sandbox.SandboxResource.FromSandbox;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusIntegrationTest;
import io.restassured.RestAssured;

/** Tests security headers and size limits; HostileClientsIT tests rate limits. */
@QuarkusIntegrationTest
@WithTestResource(SandboxResource.class)
class RequestGuardIT {

    @FromSandbox
    JsonLogReceiver log;

    @Test
    void sendsSecurityHeaders() {
        for (String path : new String[]{"/offers", "/nothing/here", "/q/openapi", "/q/swagger-ui/"}) {
            var answer = when().get(path).then().header("X-Content-Type-Options", "nosniff")
                    .header("X-Frame-Options", "DENY").header("Referrer-Policy", "no-referrer")
                    // Sent only over HTTPS, which TlsIT tests
                    .header("Strict-Transport-Security", nullValue()).extract();
            assertThat(answer.headers().getValues("Content-Security-Policy")).as(path).hasSize(1);
            assertThat(answer.header("Content-Security-Policy")).as(path)
                    .contains("default-src 'self'", "frame-ancestors 'none'", "object-src 'none'")
                    .doesNotContain("unsafe-eval");
        }
        assertThat(when().get("/offers").header("Content-Security-Policy")).doesNotContain("unsafe-inline", "sha256-");
    }

    /**
     * If this test fails after an upgrade of Quarkus or a change of Swagger UI's settings, its message contains the new
     * hash for application.properties.
     */
    @Test
    void allowsTheInlineScriptsOfSwaggerUi() {
        for (String path : new String[]{"/q/swagger-ui/", "/q/swagger-ui/oauth2-redirect.html"}) {
            var page = when().get(path).then().statusCode(200).extract();
            String policy = page.header("Content-Security-Policy");
            List<String> inline = Pattern.compile("<script(?![^>]*src=)[^>]*>(.*?)</script>", Pattern.DOTALL)
                    .matcher(page.asString()).results().map(script -> script.group(1)).toList();

            assertThat(inline).isNotEmpty().allSatisfy(
                    script -> assertThat(policy).contains("'sha256-" + sha256(script) + "'"));
        }
    }

    @Test
    void rejectsOtherOrigins() {
        given().header("Origin", "https://elsewhere.example").header("Access-Control-Request-Method", "GET")
                .header("Access-Control-Request-Headers", "authorization")
                .when().options("/customers/1/offer").then()
                .header("Access-Control-Allow-Origin", nullValue())
                .header("Access-Control-Allow-Credentials", nullValue());
        given().header("Origin", "https://elsewhere.example").when().get("/offers").then()
                .header("Access-Control-Allow-Origin", nullValue());
    }

    @Test
    void rejectsRequestsThatAreTooLarge() throws IOException {
        assertThat(talk("POST /activities HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                + "Content-Length: 2097153\r\n\r\n")).startsWith("HTTP/1.1 413 ")
                .contains("application/problem+json", "at most 2097152 bytes");
        assertThat(talk("POST /activities HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                + "Transfer-Encoding: chunked\r\n\r\n200001\r\n" + " ".repeat(0x200001))).startsWith("HTTP/1.1 413 ");
        assertThat(talk("GET /offers HTTP/1.1\r\nHost: x\r\nX-Much: " + "x".repeat(17_000) + "\r\n\r\n"))
                .containsPattern("^HTTP/1\\.[01] 431 ");
        assertThat(talk("GET /offers?" + "x".repeat(5_000) + " HTTP/1.1\r\nHost: x\r\n\r\n"))
                .containsPattern("^HTTP/1\\.[01] 414 ");
        // If the service tried to answer a second time, this would fail, and Quarkus would log it
        await().during(Duration.ofSeconds(1)).until(() -> log.lines().stream().noneMatch(
                line -> line.path("message").asText().contains("HTTP Request to /activities failed")));

        given().contentType("application/json").body(" ".repeat(2_000_000)).when().post("/activities").then()
                .statusCode(400).body("type", is("invalid-input"));
    }

    /** Sends raw text, and reads up to 2,000 bytes of the answer. */
    private static String talk(String request) throws IOException {
        try (Socket socket = new Socket("localhost", RestAssured.port)) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            socket.getOutputStream().flush();
            return new String(socket.getInputStream().readNBytes(2_000), StandardCharsets.ISO_8859_1);
        }
    }

    private static String sha256(String text) {
        try {
            return Base64.getEncoder()
                    .encodeToString(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
