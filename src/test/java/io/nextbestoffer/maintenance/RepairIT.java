package io.nextbestoffer.maintenance;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.is;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import io.nextbestoffer.sandbox.SandboxKafka;
import io.nextbestoffer.sandbox.SandboxPostgres;
import io.nextbestoffer.sandbox.SandboxTopics;
import io.nextbestoffer.sandbox.ServiceProcess;
import io.nextbestoffer.sandbox.TestTraffic;
import io.restassured.path.json.JsonPath;

/**
 * Tests the service under production conditions: a broker with authentication and only the ACLs that docs/operations.md
 * lists, no topics yet, and a database that a later release has already migrated.
 */
class RepairIT {

    private static final Duration TIMEOUT = Duration.ofSeconds(90);
    private static final String USER = "nbo";
    private static final String PASSWORD = "secret-of-this-test";
    private static final int FUTURE = 99;

    @TempDir
    static Path directory;
    private static SandboxKafka kafka;
    private static SandboxPostgres postgres;
    private static String jdbcUrl;

    @BeforeAll
    static void start() throws SQLException {
        kafka = SandboxKafka.startGuarded(directory.resolve("kafka"), Map.of(USER, PASSWORD));
        postgres = SandboxPostgres.start(directory.resolve("postgres"), directory.resolve("logs"));
        jdbcUrl = postgres.createDatabase("operated");
        nbo("""
                insert into flyway_schema_history (installed_rank, version, description, type, script, checksum,
                    installed_by, execution_time, success)
                values (%1$d, '%1$d', 'of the next release', 'SQL', 'V%1$d__next.sql', 1, 'nbo', 1, true)"""
                .formatted(FUTURE));
        // An existing topic with too few partitions
        kafka.createTopic(SandboxTopics.OFFERS, 1, Map.of());
    }

    @AfterAll
    static void stop() {
        kafka.close();
        postgres.close();
    }

    private static void nbo(String statement) throws SQLException {
        try (Connection nbo = DriverManager.getConnection(jdbcUrl, "nbo", "nbo");
                Statement sql = nbo.createStatement()) {
            sql.execute(statement);
        }
    }

    private static ServiceProcess startService() {
        return ServiceProcess.start("512m", Map.ofEntries(
                Map.entry("kafka.bootstrap.servers", kafka.guardedBootstrapServers()),
                Map.entry("kafka.security.protocol", "SASL_PLAINTEXT"), Map.entry("kafka.sasl.mechanism", "PLAIN"),
                Map.entry("quarkus.datasource.username", "nbo"), Map.entry("quarkus.datasource.jdbc.url", jdbcUrl),
                Map.entry("quarkus.datasource.reactive.url", jdbcUrl.substring("jdbc:".length())),
                Map.entry("nbo.security.enabled", "false"), Map.entry("nbo.topics.management", "create"),
                Map.entry("nbo.topics.creation.partitions", "3"), Map.entry("nbo.parking.timeout", "PT1S")),
                Map.of("QUARKUS_DATASOURCE_PASSWORD", "nbo", "KAFKA_SASL_JAAS_CONFIG",
                        "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"" + USER
                                + "\" password=\"" + PASSWORD + "\";"),
                directory.resolve("logs").resolve("operated.log"));
    }

    private record Acl(ResourceType resource, String name, PatternType pattern, AclOperation operation) {

        AclBinding binding() {
            return new AclBinding(new ResourcePattern(resource, name, pattern),
                    new AccessControlEntry("User:" + USER, "*", operation, AclPermissionType.ALLOW));
        }
    }

    /** Reads the table of ACLs in docs/operations.md. */
    private static List<Acl> documented() throws IOException {
        String page = Files.readString(Path.of("docs/operations.md"));
        String table = page.substring(page.indexOf("<!-- acls"), page.indexOf("<!-- end of acls"));
        var acls = new ArrayList<Acl>();
        Set<String> topics = new LinkedHashSet<>();
        for (String line : table.lines().filter(row -> row.startsWith("| ")).skip(2).toList()) {
            String[] cells = line.substring(2).split(" \\| ");
            ResourceType resource = ResourceType.fromString(cells[0].replace('-', '_'));
            String name = cells[1].replace("`", "");
            if (resource == ResourceType.TOPIC && cells[1].startsWith("`")) {
                topics.add(name);
            }
            for (String operation : cells[3].split(", ")) {
                for (String one : cells[1].startsWith("`") ? List.of(name) : topics) {
                    acls.add(new Acl(resource, one, PatternType.fromString(cells[2].toUpperCase(Locale.ROOT)),
                            AclOperation.fromString(operation)));
                }
            }
        }
        return acls;
    }

    @Test
    void runsWithTheDocumentedAclsCreatesTopicsAndAcceptsANewerSchema() throws Exception {
        List<Acl> acls = documented();
        assertThat(acls).hasSizeGreaterThan(20).extracting(Acl::operation).contains(AclOperation.CREATE);
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
            SandboxKafka.await(admin.createAcls(acls.stream().filter(acl -> acl.operation() != AclOperation.CREATE)
                    .map(Acl::binding).toList()).all());
            try (ServiceProcess service = startService()) {
                grantAclsAndCheck(service, admin, acls);
            }
        }

        // A schema that this release can't use
        nbo("update schema_contract set usable_from = " + FUTURE);
        try (ServiceProcess tooOld = startService()) {
            assertThatThrownBy(() -> tooOld.awaitReady(TIMEOUT)).hasMessageContaining("the service ended with 1")
                    .hasMessageContaining("requires a release of schema version 99 or later");
        }
    }

    private static void grantAclsAndCheck(ServiceProcess service, Admin admin, List<Acl> acls) throws IOException {
        // Missing permissions are reported
        await().atMost(TIMEOUT).ignoreExceptions()
                .untilAsserted(() -> assertThat(check(service, "topics").getString("missing"))
                        .contains(
                                "customer-activity does not exist, and the service may not create it: it needs the ACL"
                                        + " CREATE on the topic customer-activity or on the cluster"));

        // When
        SandboxKafka.await(admin.createAcls(acls.stream().map(Acl::binding).toList()).all());
        service.awaitReady(TIMEOUT);

        // Then
        assertTopics(admin);
        assertThat(check(service, "topics").getString("findings"))
                .isEqualTo("next-best-offers: partitions is 1, expected at least the 3 of customer-activity");
        assertThat(check(service, "schema").getInt("version")).isEqualTo(FUTURE);
        assertThat(check(service, "schema").getInt("release")).isLessThan(FUTURE);
        assertEveryFeatureWorks(service);

        service.stop();
        String log = Files.readString(directory.resolve("logs").resolve("operated.log"));
        assertThat(log).contains("the database has schema version 99, of a later release than this one")
                .doesNotContain(PASSWORD).doesNotContain("AuthorizationException");
    }

    private static void assertTopics(Admin admin) {
        var topics = SandboxKafka.await(admin
                .describeTopics(List.of(SandboxTopics.ACTIVITY, SandboxTopics.CUSTOMERS, SandboxTopics.TRACES,
                        SandboxTopics.ACTIVITY_DEAD_LETTER, SandboxTopics.CUSTOMERS_DEAD_LETTER,
                        SandboxTopics.TRACES_DEAD_LETTER))
                .allTopicNames());
        assertThat(topics.values()).allSatisfy(topic -> assertThat(topic.partitions()).hasSize(3));
        var customers = new ConfigResource(ConfigResource.Type.TOPIC, SandboxTopics.CUSTOMERS);
        var traces = new ConfigResource(ConfigResource.Type.TOPIC, SandboxTopics.TRACES);
        var configs = SandboxKafka.await(admin.describeConfigs(List.of(customers, traces)).all());
        assertThat(configs.get(customers).get("cleanup.policy").value()).isEqualTo("compact");
        assertThat(configs.get(traces).get("retention.ms").value()).isEqualTo("86400000");
    }

    /** Uses every feature that calls Kafka. */
    private static void assertEveryFeatureWorks(ServiceProcess service) {
        try (var traffic = new TestTraffic(kafka)) {
            traffic.send(SandboxTopics.CUSTOMERS, "{\"customer_id\":1}",
                    "{\"op\":\"r\",\"after\":{\"customer_id\":1,\"income\":60000,\"fico\":700},"
                            + "\"source\":{\"lsn\":10,\"ts_ms\":1000,\"snapshot\":\"last\"}}");
            traffic.send(SandboxTopics.CUSTOMERS, "{\"customer_id\":2}",
                    "{\"op\":\"c\",\"after\":{\"customer_id\":2,\"income\":60000,\"fico\":700},"
                            + "\"source\":{\"lsn\":5,\"ts_ms\":500}}");
            await().atMost(TIMEOUT)
                    .untilAsserted(() -> given().port(service.httpPort()).when().get("/customers").then()
                            .body("customers.size()", is(2)));
            given().port(service.httpPort()).contentType("application/json").body("""
                    {"activity_id":1,"customer_id":1,"activity_type":"deposit","propensity_to_buy":0.5}""").when()
                    .post("/activities").then().statusCode(202);
            await().atMost(TIMEOUT).until(() -> traffic.offers().size() == 1);
            await().atMost(TIMEOUT).untilAsserted(() -> given().port(service.httpPort()).when()
                    .get("/customers/1/decisions").then().body("decisions.size()", is(1)));
            traffic.awaitDeadLetter(SandboxTopics.ACTIVITY, traffic.activity(3, 1, "deposit", 0.5));

            var operations = new OperationCalls(() -> given().port(service.httpPort()));
            assertThat(operations.run("/operations/latest-offers/rebuild").getInt("result.records")).isEqualTo(1);
            assertThat(operations.run("/operations/customers/reread").getInt("result.customers")).isEqualTo(2);
            assertThat(operations.run("/dead-letters/" + SandboxTopics.ACTIVITY + "/replay?reason=customer-unknown")
                    .getInt("result.replayed")).isEqualTo(1);
            String confirm = given().port(service.httpPort()).when().post("/customers/reconcile").then().statusCode(200)
                    .body("customers[0]", is(2)).extract().path("confirm");
            // With so few customers, a single missing one exceeds the default limit
            given().port(service.httpPort()).when().post("/customers/reconcile?confirm=" + confirm).then()
                    .statusCode(409).body("type", is("reconcile-share"));
            assertThat(operations.run("/customers/reconcile?force=true&confirm=" + confirm).getInt("result.erased"))
                    .isEqualTo(1);
        }
    }

    private static JsonPath check(ServiceProcess service, String name) {
        return given().port(service.managementPort()).when().get("/q/health/ready").then().extract().jsonPath()
                .setRootPath("checks.find { it.name == '" + name + "' }.data");
    }
}
