package io.nextbestoffer.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import com.fasterxml.jackson.databind.JsonNode;

import io.nextbestoffer.sandbox.SandboxPostgres;
import io.nextbestoffer.sandbox.ServiceProcess;

/** Tests the init container, in which the packaged service migrates the database and exits, without Kafka. */
class MigrationIT {

    @TempDir
    static Path directory;

    @Test
    void migratesAndExits() throws SQLException {
        try (var postgres = SandboxPostgres.start(directory.resolve("data"), directory.resolve("logs"))) {
            String url = postgres.createEmptyDatabase("migrated");
            Map<String, String> environment = environment();
            environment.put("QUARKUS_DATASOURCE_JDBC_URL", url);
            environment.put("QUARKUS_DATASOURCE_REACTIVE_URL", url.substring("jdbc:".length()));

            environment.put("QUARKUS_DATASOURCE_PASSWORD", "wrong");
            environment.put("QUARKUS_FLYWAY_CONNECT_RETRIES", "0");
            assertThat(run("fails", environment).orElseThrow()).isNotZero();
            // Fails because Postgres rejects the password, not earlier
            assertThat(log("fails")).content().contains("password authentication failed");

            environment.put("QUARKUS_DATASOURCE_PASSWORD", "nbo");
            assertThat(run("migrates", environment)).hasValue(0);
            assertThat(migrations(url))
                    .isEqualTo(Manifests.files(Path.of("src/main/resources/db/migration"), ".sql").size());
        }
    }

    private static Path log(String name) {
        return directory.resolve(name + ".log");
    }

    /** The manifest's environment with addresses of this machine, and without an identity provider. */
    private static Map<String, String> environment() {
        JsonNode container = Manifests
                .find(Manifests.read(Manifests.DEPLOY.resolve("kubernetes/base/next-best-offer.yaml")),
                        "Deployment next-best-offer")
                .at("/spec/template/spec/initContainers/0");
        Map<String, String> environment = new HashMap<>();
        container.path("env").forEach(
                variable -> environment.put(variable.path("name").asText(), variable.path("value").asText("nbo")));
        environment.put("KAFKA_BOOTSTRAP_SERVERS", "localhost:1");
        environment.put("QUARKUS_DATASOURCE_USERNAME", "nbo");
        return environment;
    }

    private static OptionalInt run(String name, Map<String, String> environment) {
        // Far less than the container's limit
        try (var service = ServiceProcess.start("128m", Map.of(), environment, log(name))) {
            await().atMost(Duration.ofSeconds(60)).until(() -> service.exitCode().isPresent());
            return service.exitCode();
        }
    }

    private static int migrations(String url) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url, "nbo", "nbo");
                Statement statement = connection.createStatement();
                ResultSet count = statement.executeQuery("select count(*) from flyway_schema_history where success")) {
            count.next();
            return count.getInt(1);
        }
    }
}
