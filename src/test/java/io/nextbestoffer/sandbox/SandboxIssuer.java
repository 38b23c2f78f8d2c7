package io.nextbestoffer.sandbox;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.RSAPublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;

/**
 * An identity provider: issues tokens, and serves over HTTP the documents that verifiers need (OpenID Connect
 * discovery, RFC 8414; keys, RFC 7517). Each instance has new keys. It also issues tokens that a verifier must reject.
 */
public final class SandboxIssuer implements AutoCloseable {
    public static final String AUDIENCE = "next-best-offer";
    private static final String KEY_ID = "sandbox";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final int port;
    private final KeyPair keys = newKeys();
    private final KeyPair foreignKeys = newKeys();
    private HttpServer server;

    private SandboxIssuer(int port) {
        this.port = port;
    }

    /** Reserves a port without listening on it until {@link #open()}. */
    public static SandboxIssuer closed() {
        return new SandboxIssuer(FreePorts.free());
    }

    public static SandboxIssuer start() {
        SandboxIssuer issuer = closed();
        issuer.open();
        return issuer;
    }

    public void open() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        } catch (IOException e) {
            throw new UncheckedIOException("could not start the token issuer", e);
        }
        serve("/.well-known/openid-configuration", Map.of("issuer", uri(), "jwks_uri", uri() + "/keys"));
        serve("/keys", Map.of("keys", List.of(key((RSAPublicKey) keys.getPublic()))));
        server.start();
    }

    private void serve(String path, Map<String, ?> document) {
        byte[] body = json(document);
        server.createContext(path, exchange -> {
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
    }

    public String uri() {
        return "http://127.0.0.1:" + port;
    }

    /** Configures a service to require tokens of this issuer. */
    public Map<String, String> serviceProperties() {
        return Map.of("nbo.security.enabled", "true", "quarkus.oidc.auth-server-url", uri(),
                "quarkus.oidc.token.audience", AUDIENCE);
    }

    /** A signed token that is valid from now on for the given time. */
    public String token(String name, Duration validity, String... roles) {
        Map<String, Object> claims = claims(name, roles);
        claims.put("exp", Instant.now().plus(validity).getEpochSecond());
        return sign(claims);
    }

    /** Claims of a token for the service, valid for an hour. The caller can change them, and then signs them. */
    public Map<String, Object> claims(String name, String... roles) {
        Map<String, Object> claims = new LinkedHashMap<>();
        Instant now = Instant.now();
        claims.put("iss", uri());
        claims.put("aud", AUDIENCE);
        claims.put("sub", "id-of-" + name);
        claims.put("preferred_username", name);
        claims.put("groups", List.of(roles));
        claims.put("iat", now.getEpochSecond());
        claims.put("exp", now.plus(Duration.ofHours(1)).getEpochSecond());
        return claims;
    }

    public String sign(Map<String, Object> claims) {
        return sign(keys, KEY_ID, claims);
    }

    /** Signs with another key under the key id of the issuer. */
    public String forge(Map<String, Object> claims) {
        return sign(foreignKeys, KEY_ID, claims);
    }

    /** Signs with another key under another key id. */
    public String signForeign(Map<String, Object> claims) {
        return sign(foreignKeys, "foreign", claims);
    }

    /** A token with algorithm {@code none} and no signature. */
    public String unsigned(Map<String, Object> claims) {
        return unsigned(Map.of("alg", "none", "kid", KEY_ID), claims) + ".";
    }

    /** Signs with the issuer's public key as if it were a shared secret. */
    public String signWithPublicKey(Map<String, Object> claims) {
        try {
            PublicKey known = keys.getPublic();
            String unsigned = unsigned(Map.of("alg", "HS256", "kid", KEY_ID), claims);
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(known.getEncoded(), "HmacSHA256"));
            return unsigned + "." + base64(mac.doFinal(unsigned.getBytes(UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String sign(KeyPair keys, String keyId, Map<String, Object> claims) {
        try {
            String unsigned = unsigned(Map.of("alg", "RS256", "typ", "JWT", "kid", keyId), claims);
            Signature signature = Signature.getInstance("SHA256withRSA");
            signature.initSign(keys.getPrivate());
            signature.update(unsigned.getBytes(UTF_8));
            return unsigned + "." + base64(signature.sign());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String unsigned(Map<String, Object> header, Map<String, Object> claims) {
        return base64(json(header)) + "." + base64(json(claims));
    }

    private static Map<String, Object> key(RSAPublicKey key) {
        return Map.of("kty", "RSA", "use", "sig", "alg", "RS256", "kid", KEY_ID, "n", number(key.getModulus()), "e",
                number(key.getPublicExponent()));
    }

    /** Removes the sign byte of Java's encoding. */
    private static String number(BigInteger number) {
        byte[] bytes = number.toByteArray();
        int first = bytes[0] == 0 ? 1 : 0;
        return base64(Arrays.copyOfRange(bytes, first, bytes.length));
    }

    private static String base64(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static byte[] json(Map<String, ?> document) {
        try {
            return JSON.writeValueAsBytes(document);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static KeyPair newKeys() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(2048);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        if (server != null) {
            server.stop(0);
            server = null;
        }
    }
}
