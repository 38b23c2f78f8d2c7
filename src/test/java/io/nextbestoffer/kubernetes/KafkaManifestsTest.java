package io.nextbestoffer.kubernetes;

import static io.nextbestoffer.kubernetes.Manifests.DEPLOY;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;

import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.TopicConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

import io.debezium.config.Configuration;
import io.debezium.connector.postgresql.PostgresConnectorConfig;
import io.nextbestoffer.sandbox.SandboxTopics;

/** Compares topics, users and change data capture under {@code deploy} with the service, Debezium and Kafka. */
class KafkaManifestsTest {

    private static final Set<String> OURS = Set.of(SandboxTopics.ACTIVITY, SandboxTopics.CUSTOMERS,
            SandboxTopics.OFFERS, SandboxTopics.TRACES,
            SandboxTopics.ACTIVITY_DEAD_LETTER, SandboxTopics.CUSTOMERS_DEAD_LETTER, SandboxTopics.TRACES_DEAD_LETTER);
    private static final String SOURCE = "debezium.source.";

    private final List<ObjectNode> topics = Manifests.read(DEPLOY.resolve("kafka/topics.yaml"));
    private final List<ObjectNode> users = Manifests.read(DEPLOY.resolve("kafka/users.yaml"));

    private static String topicName(JsonNode topic) {
        return topic.at("/spec/topicName").asText(topic.at("/metadata/name").asText());
    }

    @Test
    void declaresEveryTopic() {
        Set<String> expected = new TreeSet<>(OURS);
        expected.add("__debezium-heartbeat.bank");
        expected.add("bank.nbo_cdc.signal");

        assertThat(topics.stream().map(KafkaManifestsTest::topicName)).containsExactlyInAnyOrderElementsOf(expected);
    }

    @Test
    void usesSettingsThatKafkaKnows() throws IllegalAccessException {
        var known = new HashSet<String>();
        for (var constant : TopicConfig.class.getFields()) {
            known.add(String.valueOf(constant.get(null)));
        }

        assertThat(topics).allSatisfy(
                topic -> topic.at("/spec/config").fieldNames()
                        .forEachRemaining(name -> assertThat(known).contains(name)));
    }

    /** A new service reads all customers from this topic, but deleted ones must not stay in it (docs/privacy.md). */
    @Test
    void keepsCustomersUntilTheirDeletion() {
        JsonNode customers = config(SandboxTopics.CUSTOMERS);

        assertThat(customers.path("cleanup.policy").asText()).isEqualTo("compact");
        assertThat(customers.path("max.compaction.lag.ms").asLong()).isEqualTo(Duration.ofDays(7).toMillis());
        assertThat(customers.path("delete.retention.ms").asLong()).isEqualTo(Duration.ofDays(7).toMillis());
    }

    /** Checks the retention of personal data that docs/privacy.md promises. */
    @Test
    void limitsTheRetentionOfOtherTopics() {
        var days = Map.of(SandboxTopics.ACTIVITY, 7, SandboxTopics.OFFERS, 7, SandboxTopics.TRACES, 1,
                SandboxTopics.ACTIVITY_DEAD_LETTER, 14,
                SandboxTopics.CUSTOMERS_DEAD_LETTER, 14, SandboxTopics.TRACES_DEAD_LETTER, 14);

        assertThat(days.keySet()).hasSize(OURS.size() - 1);
        days.forEach((topic, kept) -> {
            assertThat(config(topic).path("cleanup.policy").asText()).as(topic).isEqualTo("delete");
            assertThat(config(topic).path("retention.ms").asLong()).as(topic)
                    .isEqualTo(Duration.ofDays(kept).toMillis());
        });
    }

    private JsonNode config(String topic) {
        return Manifests.find(topics, "KafkaTopic " + topic).at("/spec/config");
    }

    @Test
    void grantsTheServiceItsOperations() {
        Map<String, Set<String>> allowed = new HashMap<>();
        for (JsonNode acl : Manifests.find(users, "KafkaUser next-best-offer").at("/spec/authorization/acls")) {
            Set<String> operations = allowed.computeIfAbsent(acl.at("/resource/type").asText() + " "
                    + acl.at("/resource/name").asText(), resource -> new HashSet<>());
            acl.path("operations").forEach(operation -> operations.add(operation.asText()));
        }

        for (String read : List.of(SandboxTopics.ACTIVITY, SandboxTopics.CUSTOMERS, SandboxTopics.TRACES,
                SandboxTopics.OFFERS)) {
            assertThat(allowed.get("topic " + read)).contains("Read", "Describe");
        }
        for (String written : OURS) {
            assertThat(allowed.get("topic " + written)).as(written).contains("Write", "Describe", "DescribeConfigs");
        }
        assertThat(allowed.get("group next-best-offer")).contains("Read");
        assertThat(allowed.get("transactionalId next-best-offer-")).contains("Write", "Describe");
    }

    /**
     * The declared topics that Debezium may write to, except its internal ones. CdcIT compares them with those it
     * writes to.
     */
    static Set<String> topicsDebeziumMayWriteTo() {
        var writable = new TreeSet<String>();
        JsonNode user = Manifests.find(Manifests.read(DEPLOY.resolve("kafka/users.yaml")), "KafkaUser bank-cdc");
        for (JsonNode acl : user.at("/spec/authorization/acls")) {
            for (JsonNode operation : acl.path("operations")) {
                if (operation.asText().equals("Write")) {
                    writable.add(acl.at("/resource/name").asText());
                }
            }
        }
        var declaredTopics = new HashSet<String>();
        Manifests.read(DEPLOY.resolve("kafka/topics.yaml")).forEach(topic -> declaredTopics.add(topicName(topic)));
        writable.retainAll(declaredTopics);
        return writable;
    }

    static List<Map<String, String>> connectors() {
        return List.of(connect(), server());
    }

    /** Configuration of the connector for Kafka Connect, with which other tests run Debezium. */
    static Map<String, String> connect() {
        ObjectNode connector = Manifests.read(DEPLOY.resolve("kafka/connector.yaml")).get(0);
        Map<String, String> config = new HashMap<>();
        connector.at("/spec/config").fields()
                .forEachRemaining(entry -> config.put(entry.getKey(), entry.getValue().asText()));
        config.put("connector.class", connector.at("/spec/class").asText());
        return config;
    }

    private static Map<String, String> server() {
        Map<String, String> config = new HashMap<>();
        read(DEPLOY.resolve("debezium-server/application.properties")).forEach((name, value) -> {
            if (name.toString().startsWith(SOURCE)
                    && !name.toString()
                            .matches(".*\\.(offset\\..*|bootstrap\\.servers|security\\..*|sasl\\..*|ssl\\..*)")) {
                config.put(name.toString().substring(SOURCE.length()), value.toString());
            }
        });
        return config;
    }

    private static Properties read(Path file) {
        Properties properties = new Properties();
        try (var in = Files.newInputStream(file)) {
            properties.load(in);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return properties;
    }

    @ParameterizedTest
    @MethodSource("connectors")
    void usesPropertiesAndValuesThatDebeziumAccepts(Map<String, String> config) {
        ConfigDef definition = PostgresConnectorConfig.configDef();
        Set<String> known = new HashSet<>(definition.names());
        PostgresConnectorConfig.ALL_FIELDS.forEach(field -> known.add(field.name()));
        known.add("connector.class");
        var problems = new HashMap<String, String>();

        assertThat(known).containsAll(config.keySet());
        Configuration.from(config).validate(PostgresConnectorConfig.ALL_FIELDS,
                (field, value, problem) -> problems.put(field.name(), problem));
        assertThat(problems).isEmpty();
    }

    @Test
    void configuresConnectAndDebeziumServerAlike() {
        Map<String, String> connect = connect();
        Map<String, String> server = server();
        connect.remove("database.password");
        server.remove("database.password");

        assertThat(server).isEqualTo(connect);
    }

    /**
     * Checks the settings on which the service relies (README.md, "Debezium"). Truncates are skipped, because they have
     * no key, and a compacted topic rejects records without key.
     */
    @ParameterizedTest
    @MethodSource("connectors")
    void writesChangesThatTheServiceReads(Map<String, String> config) {
        assertThat(config.get("topic.prefix") + "." + config.get("table.include.list"))
                .isEqualTo(SandboxTopics.CUSTOMERS);
        assertThat(config).containsEntry("skipped.operations", "t").containsEntry("tombstones.on.delete", "true")
                .containsEntry("decimal.handling.mode", "double")
                .containsEntry("publication.autocreate.mode", "disabled").containsKey("heartbeat.action.query");
        assertThat(Integer.parseInt(config.get("heartbeat.interval.ms"))).isPositive();
        assertThat(config.get("database.password")).startsWith("${");
    }
}
