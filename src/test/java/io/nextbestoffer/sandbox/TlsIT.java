package io.nextbestoffer.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.SslAuthenticationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * Tests TLS as documented in docs/tls.md, between a real broker, Postgres, Debezium, registry and the packaged service.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@OwnInfrastructure
class TlsIT {
    private static final Duration STARTING = Duration.ofSeconds(60);

    @TempDir
    static Path elsewhere;

    private SandboxInfrastructure sandbox;
    private SandboxTls stranger;
    private ServiceProcess service;
    private ServiceProcess distrustful;
    private X509Certificate first;

    @BeforeAll
    void start() throws IOException {
        sandbox = SandboxInfrastructure
                .start(SandboxInfrastructure.Options.defaults().withSample().withPartitions(2).withTls(true)
                        .withAvro());
        stranger = new SandboxTls(elsewhere);
        // Customer changes are in Avro, so the service needs the registry to read them
        service = sandbox.startService("service", 0, 0, Map.of("nbo.output.format", "json"));
        distrustful = sandbox.startService("distrustful", 0, 0, Map.of("nbo.stream.instance", "distrustful",
                "kafka.ssl.truststore.location", stranger.authority().toString(),
                "quarkus.tls.registry.trust-store.pem.certs", stranger.authority().toString()));
        service.awaitReady(STARTING);
        first = certificate();
        sandbox.tls().renew();
    }

    @AfterAll
    void close() throws Exception {
        // Closes the services first
        for (AutoCloseable running : new AutoCloseable[]{distrustful, service, sandbox}) {
            if (running != null) {
                running.close();
            }
        }
    }

    @Test
    @Order(1)
    void decidesAndLooksUp() throws Exception {
        try (var traffic = new TestTraffic(sandbox.kafka())) {
            JsonNode offer = traffic.awaitOffer(traffic.activity(1, 1, "branch_visit", 0.40));
            assertThat(offer.get("offer_id").asInt()).isEqualTo(1);
            // A change in the bank arrives through Debezium
            try (var bank = sandbox.postgres().connectToBank(); var statement = bank.createStatement()) {
                statement.execute("update customers set fico = 720 where customer_id = 1");
            }
            await().atMost(Duration.ofSeconds(20)).pollInterval(Duration.ofMillis(500))
                    .untilAsserted(() -> assertThat(traffic.awaitOffer(traffic.activity(1, 2, "deposit", 0.5))
                            .get("offer_id").asInt()).isEqualTo(3));
        }

        await().untilAsserted(() -> assertThat(
                ask(sandbox.tls().httpClient(), "https", service.httpPort(), "/customers/1/offer").body())
                .contains("\"offer_id\":3"));
        var answer = ask(sandbox.tls().httpClient(), "https", service.httpPort(), "/customers/1/offer");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Strict-Transport-Security")).hasValue("max-age=31536000");
        assertThat(ask(sandbox.tls().httpClient(), "https", service.managementPort(), "/q/health/live").statusCode())
                .isEqualTo(200);
    }

    @Test
    @Order(2)
    void rejectsPlainText() {
        for (int port : new int[]{service.httpPort(), service.managementPort()}) {
            assertThatThrownBy(() -> ask(HttpClient.newHttpClient(), "http", port, "/q/health/live"))
                    .isInstanceOf(IOException.class);
        }
        assertThatThrownBy(() -> DriverManager.getConnection(sandbox.postgres().jdbcUrl("nbo").split("\\?")[0]
                + "?sslmode=disable", "nbo", "nbo"))
                .isInstanceOf(SQLException.class).hasMessageContaining("no encryption");
        assertThatThrownBy(() -> askKafka(Map.of("bootstrap.servers", sandbox.kafka().bootstrapServers())))
                .isInstanceOf(TimeoutException.class);
    }

    @Test
    @Order(3)
    void rejectsClientsWithWrongPasswordOrNoCertificate() {
        var wrongPassword = sandbox.kafka().client(Map.of("sasl.jaas.config",
                "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"nbo\" password=\"x\";"));
        assertThatThrownBy(() -> askKafka(wrongPassword)).isInstanceOf(SaslAuthenticationException.class);
        var noCertificate = new HashMap<>(sandbox.kafka().client());
        noCertificate.keySet().removeIf(property -> property.startsWith("ssl.keystore"));
        assertThatThrownBy(() -> askKafka(noCertificate)).isInstanceOf(SslAuthenticationException.class);
        assertThatThrownBy(() -> ask(stranger.httpClient(), "https", service.httpPort(), "/offers"))
                .isInstanceOf(SSLException.class);
    }

    @Test
    @Order(4)
    void reportsUntrustedServers() throws Exception {
        // Kafka and the registry: the service is not ready, and reports the reason
        await().atMost(STARTING).untilAsserted(() -> assertThat(
                ask(sandbox.tls().httpClient(), "https", distrustful.managementPort(), "/q/health/ready").body())
                .contains("no connection to Kafka: SslAuthenticationException")
                // The service needs the registry to register the schema of its offers
                .contains("the schema registry can't be reached: SSLHandshakeException"));
        assertThat(distrustful.isReady()).isFalse();

        // Postgres: without a schema the service can't start
        String jdbcUrl = sandbox.postgres().jdbcUrl("nbo").replace(sandbox.tls().authority().toString(),
                stranger.authority().toString());
        try (var refused = sandbox.startService("refused", 0, 0, Map.of("nbo.stream.instance", "refused",
                "quarkus.datasource.jdbc.url", jdbcUrl, "quarkus.flyway.connect-retries", "0"))) {
            await().atMost(STARTING).until(() -> refused.exitCode().isPresent());
            assertThat(refused.exitCode()).hasValue(1);
            assertThat(sandbox.logs().resolve("refused.log")).content()
                    .containsPattern("SSL error: (\\(certificate_unknown\\) )?PKIX path");
        }
    }

    @Test
    @Order(5)
    void reloadsACertificateWithoutARestart() {
        // A handshake at the moment of the change may fail
        await().atMost(Duration.ofSeconds(40)).pollInterval(Duration.ofMillis(500))
                .ignoreExceptionsInstanceOf(IOException.class).until(() -> !certificate().equals(first));
        assertThat(service.isReady()).isTrue();
    }

    private X509Certificate certificate() throws IOException {
        try (var socket = (SSLSocket) sandbox.tls().sslContext().getSocketFactory().createSocket("127.0.0.1",
                service.httpPort())) {
            socket.startHandshake();
            return (X509Certificate) socket.getSession().getPeerCertificates()[0];
        }
    }

    private static HttpResponse<String> ask(HttpClient client, String scheme, int port, String path)
            throws IOException, InterruptedException {
        return client.send(HttpRequest.newBuilder(URI.create(scheme + "://127.0.0.1:" + port + path)).build(),
                HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
    }

    private static void askKafka(Map<String, Object> client) throws Throwable {
        Map<String, Object> impatient = new HashMap<>(client);
        impatient.put("default.api.timeout.ms", 3_000);
        impatient.put("request.timeout.ms", 2_000);
        try (Admin admin = Admin.create(impatient)) {
            admin.describeCluster().nodes().get(10, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw e.getCause();
        }
    }
}
