package io.nextbestoffer.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.function.Predicate;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SandboxInfrastructureTest {
    private final ObjectMapper json = new ObjectMapper();
    private SandboxInfrastructure infrastructure;

    @BeforeAll
    void start() {
        infrastructure = SandboxInfrastructure
                .start(SandboxInfrastructure.Options.defaults().withSample().withPartitions(3));
    }

    @AfterAll
    void close() {
        if (infrastructure != null) {
            infrastructure.close();
        }
    }

    @Test
    void runsPostgresWithDurableSettings() throws SQLException {
        try (Connection nbo = infrastructure.postgres().connectToNbo()) {
            assertThat(ask(nbo, "show fsync")).isEqualTo("on");
            assertThat(ask(nbo, "show synchronous_commit")).isEqualTo("on");
            assertThat(ask(nbo, "show full_page_writes")).isEqualTo("on");
            assertThat(ask(nbo, "show wal_level")).isEqualTo("logical");
        }
    }

    @Test
    void createsTheServicesDatabaseWithoutAccessToTheBank() throws SQLException {
        try (Connection nbo = infrastructure.postgres().connectToNbo()) {
            assertThat(ask(nbo, "select count(*) from offer where offer_id in ('1', '2', '3', '4', '5')"))
                    .isEqualTo("5");
            assertThat(ask(nbo, "select count(*) from offer where attributes->>'reason' is not null"))
                    .isEqualTo("13");
        }
        assertThatThrownBy(() -> infrastructure.postgres().connect("bank", "nbo", "nbo"))
                .hasMessageContaining("permission denied");
        assertThatThrownBy(() -> infrastructure.postgres().connect("nbo", "nbo", "wrong"))
                .hasMessageContaining("password");
    }

    @Test
    void deliversChangesAfterOutages() throws SQLException {
        assertThat(changes(3)).allSatisfy(change -> {
            assertThat(value(change).path("op").asText()).isEqualTo("r");
            assertThat(value(change).path("after").path("customer_id").asInt())
                    .isEqualTo(key(change).path("customer_id").asInt());
        }).extracting(change -> key(change).toString()).containsExactlyInAnyOrder("{\"customer_id\":1}",
                "{\"customer_id\":2}", "{\"customer_id\":3}");

        updateBank("update customers set fico = 701 where customer_id = 1");
        JsonNode update = value(changes(4).get(3));
        assertThat(update.path("op").asText()).isEqualTo("u");
        assertThat(update.path("after").path("fico").asInt()).isEqualTo(701);
        assertThat(update.path("source").path("lsn").asLong()).isPositive();

        updateBank("delete from customers where customer_id = 2");
        List<ConsumerRecord<String, String>> afterDelete = changes(6);
        assertThat(value(afterDelete.get(4)).path("op").asText()).isEqualTo("d");
        assertThat(afterDelete.get(5).value()).isNull();
        assertThat(key(afterDelete.get(5)).path("customer_id").asInt()).isEqualTo(2);

        infrastructure.debezium().stop();
        updateBank("update customers set fico = 702 where customer_id = 3");
        infrastructure.debezium().start();
        assertThat(awaitChange(change -> fico(change) == 702)).isNotNull();

        infrastructure.kafka().stop();
        updateBank("update customers set fico = 703 where customer_id = 3");
        infrastructure.kafka().start();
        assertThat(awaitChange(change -> fico(change) == 703)).isNotNull();

        infrastructure.postgres().crash();
        infrastructure.postgres().start();
        updateBank("update customers set fico = 704 where customer_id = 3");
        assertThat(awaitChange(change -> fico(change) == 704)).isNotNull();
    }

    @Test
    void keepsRecordsAfterARestartOfKafka() throws ExecutionException, InterruptedException {
        String topic = "kept";
        infrastructure.kafka().createTopic(topic, 1, Map.of());
        var id = infrastructure.kafka().topicId(topic);
        try (var producer = new KafkaProducer<>(
                Map.<String, Object>of("bootstrap.servers", infrastructure.kafka().bootstrapServers()),
                new StringSerializer(), new StringSerializer())) {
            producer.send(new ProducerRecord<>(topic, "key", "before")).get();

            infrastructure.kafka().stop();
            infrastructure.kafka().start();

            producer.send(new ProducerRecord<>(topic, "key", "after")).get();
        }
        assertThat(infrastructure.kafka().topicId(topic)).isEqualTo(id);
        assertThat(read(topic, 2)).extracting(ConsumerRecord::value).containsExactly("before", "after");
    }

    private void updateBank(String sql) throws SQLException {
        try (Connection bank = infrastructure.postgres().connectToBank();
                Statement statement = bank.createStatement()) {
            statement.execute(sql);
        }
    }

    private List<ConsumerRecord<String, String>> changes(int count) {
        return read(SandboxTopics.CUSTOMERS, count);
    }

    private ConsumerRecord<String, String> awaitChange(Predicate<ConsumerRecord<String, String>> wanted) {
        return read(SandboxTopics.CUSTOMERS, found -> found.stream().anyMatch(wanted)).stream().filter(wanted)
                .findFirst()
                .orElse(null);
    }

    private List<ConsumerRecord<String, String>> read(String topic, int count) {
        return read(topic, found -> found.size() >= count);
    }

    /** Reads the topic until the records are enough, for at most 30 s, and returns them sorted by time. */
    private List<ConsumerRecord<String, String>> read(String topic,
            Predicate<List<ConsumerRecord<String, String>>> enough) {
        List<ConsumerRecord<String, String>> found = new ArrayList<>();
        try (var consumer = new KafkaConsumer<>(
                Map.<String, Object>of("bootstrap.servers", infrastructure.kafka().bootstrapServers()),
                new StringDeserializer(), new StringDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                    .map(partition -> new TopicPartition(partition.topic(), partition.partition())).toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
            while (!enough.test(found) && System.nanoTime() < deadline) {
                consumer.poll(Duration.ofMillis(100)).forEach(found::add);
            }
        }
        found.sort((one, other) -> Long.compare(one.timestamp(), other.timestamp()));
        return found;
    }

    private JsonNode key(ConsumerRecord<String, String> record) {
        return parse(record.key());
    }

    private JsonNode value(ConsumerRecord<String, String> record) {
        return parse(record.value());
    }

    private int fico(ConsumerRecord<String, String> record) {
        return record.value() == null ? 0 : value(record).path("after").path("fico").asInt();
    }

    private JsonNode parse(String text) {
        try {
            return json.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("not JSON", e);
        }
    }

    private static String ask(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement(); ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }
}
