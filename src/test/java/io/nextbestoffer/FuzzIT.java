package io.nextbestoffer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.regex.Pattern;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.junit.jupiter.api.Test;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import io.nextbestoffer.fuzz.FuzzGenerator;
import io.nextbestoffer.fuzz.FuzzedRecord;
import io.nextbestoffer.fuzz.WireSamples;
import io.nextbestoffer.kafka.topic.RecordPosition;
import io.nextbestoffer.sandbox.OwnInfrastructure;
import io.nextbestoffer.sandbox.SandboxInfrastructure;
import io.nextbestoffer.sandbox.SandboxTopics;
import io.nextbestoffer.sandbox.ServiceProcess;
import io.nextbestoffer.sandbox.TestTraffic;

/**
 * Sends fuzzed records to both input topics. Each must have exactly one outcome (offer, parked activity, dead letter),
 * and none may stop its partition. {@code -Dfuzz.seed=7} selects another seed.
 */
@OwnInfrastructure
class FuzzIT {

    private static final int PARTITIONS = 6;
    private static final int FIRST_CHANGES = 9_000;
    private static final int ACTIVITIES = 66_000;
    private static final int ACTIVITIES_PER_CHANGE = 2;
    private static final int ACTIVITIES_PER_LARGE = 5_000;
    private static final int MUTATED = 100_000;
    private static final int LIMIT = 1_000_000;
    private static final int MAX_MISTAKES = 10;

    private static final ObjectMapper STRICT = new ObjectMapper()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);
    private static final Pattern EXPECTED_WARNING = Pattern.compile(
            "activities went to the dead-letter topic, by reason"
                    + "|changes could not be read and were sent to the dead-letter");

    private final HttpClient http = HttpClient.newHttpClient();
    private final List<String> mistakes = new ArrayList<>();

    @Test
    void producesExactlyOneOutcomePerInput() throws Exception {
        // Given
        long seed = Long.getLong("fuzz.seed", 20_261_121);
        var report = new TreeMap<String, Object>();
        report.put("seed", seed);
        try (var sandbox = SandboxInfrastructure
                .start(SandboxInfrastructure.Options.defaults().withPartitions(PARTITIONS).withSample());
                var traffic = new TestTraffic(sandbox.kafka());
                var fuzzed = new FuzzTraffic(sandbox.kafka());
                // Some parked activities expire during the test, others do not
                var service = sandbox.startService("service", 0, 0, Map.of("nbo.parking.timeout", "PT10S"))) {
            sandbox.debezium().stop();
            fuzzed.allowAnyTimestamp(SandboxTopics.ACTIVITY);
            service.awaitReady(Duration.ofSeconds(60));
            long start = System.nanoTime();

            // When
            var fuzz = new FuzzGenerator(seed, PARTITIONS);
            sendCustomers(fuzzed, fuzz);
            fuzzed.awaitPast("next-best-offer-customers", SandboxTopics.CUSTOMERS, () -> assertAlive(service));
            send(fuzzed, fuzz);
            fuzzed.awaitPast("next-best-offer-customers", SandboxTopics.CUSTOMERS, () -> assertAlive(service));
            fuzzed.awaitPast("next-best-offer", SandboxTopics.ACTIVITY, () -> assertAlive(service));
            report.put("mutated", fuzzed.mutated());
            report.put("seconds", (System.nanoTime() - start) / 1_000_000_000);

            // Then
            assertAllPartitionsContinue(sandbox, traffic, service);
            assertActivities(sandbox, traffic, fuzzed, report);
            assertChanges(traffic, fuzzed, service, report);
            assertStoredIsReadable(sandbox, traffic, service, report);
            assertLog(sandbox);
            assertThat(fuzzed.mutated()).isGreaterThan(MUTATED);
            assertThat(service.isReady()).isTrue();
        } finally {
            System.out.println("fuzz " + report);
        }
    }

    private static void sendCustomers(FuzzTraffic fuzzed, FuzzGenerator fuzz) throws Exception {
        for (int i = 0; i < FIRST_CHANGES; i++) {
            fuzzed.send(SandboxTopics.CUSTOMERS, fuzz.change());
        }
        fuzzed.settle();
    }

    private static void send(FuzzTraffic fuzzed, FuzzGenerator fuzz) throws Exception {
        for (int i = 0; i < ACTIVITIES; i++) {
            fuzzed.send(SandboxTopics.ACTIVITY, fuzz.activity());
            if (i % ACTIVITIES_PER_CHANGE == 0) {
                fuzzed.send(SandboxTopics.CUSTOMERS, fuzz.change());
            }
            if (i % ACTIVITIES_PER_LARGE == 0) {
                fuzzed.send(SandboxTopics.ACTIVITY, fuzz.largeActivity());
                fuzzed.send(SandboxTopics.CUSTOMERS, fuzz.largeChange());
            }
        }
        fuzzed.settle();
    }

    private static void assertAlive(ServiceProcess service) {
        assertThat(service.exitCode()).as(service::logTail).isEmpty();
    }

    /**
     * Checks that every partition still decides activities. Uses new customers, because damaged records may have
     * deleted others.
     */
    private void assertAllPartitionsContinue(SandboxInfrastructure sandbox, TestTraffic traffic,
            ServiceProcess service) {
        var activities = new ArrayList<RecordPosition>();
        for (int i = 0; activities.size() < PARTITIONS; i++) {
            // Plain rows: a change with a log sequence number below that of a damaged record would be ignored
            traffic.send(SandboxTopics.CUSTOMERS, "after-" + i, "{\"income\":60000,\"fico\":700}");
            RecordPosition position = traffic.send(SandboxTopics.ACTIVITY, "after-" + i,
                    "{\"activity_id\":1,\"activity_type\":\"deposit\",\"propensity_to_buy\":0.5}");
            if (activities.stream().noneMatch(other -> other.partition() == position.partition())) {
                activities.add(position);
            }
        }
        activities.forEach(position -> assertThat(traffic.awaitOffer(position).get("offer_id").asInt()).isEqualTo(3));
    }

    private void assertActivities(SandboxInfrastructure sandbox, TestTraffic traffic, FuzzTraffic fuzzed,
            Map<String, Object> report) throws SQLException {
        // Reads parked activities first: those released in between are then found in the topics
        Set<RecordPosition> parked = parked(sandbox);
        var outcomes = new HashMap<String, Integer>();
        for (ConsumerRecord<byte[], byte[]> offer : traffic.committed(SandboxTopics.OFFERS)) {
            outcomes.merge(parseStrictly(offer.value()).path("decision_id").asText(), 1, Integer::sum);
        }
        report.put("offers", outcomes.size());
        Map<TopicPartition, Map<Long, ConsumerRecord<byte[], byte[]>>> letters = letters(traffic,
                SandboxTopics.ACTIVITY);

        UUID topicId = sandbox.kafka().topicId(SandboxTopics.ACTIVITY);
        var counts = new TreeMap<String, Integer>();
        fuzzed.sentTo(SandboxTopics.ACTIVITY).forEach((partition, records) -> records.forEach((offset, record) -> {
            var position = new RecordPosition(topicId, partition.partition(), offset);
            int offers = outcomes.getOrDefault(position.decisionId().toString(), 0);
            var letter = letters.getOrDefault(partition, Map.of()).get(offset);
            boolean waits = offers == 0 && letter == null && parked.contains(position);
            if (offers + (letter == null ? 0 : 1) + (waits ? 1 : 0) != 1) {
                mistake(partition, offset, record, offers + " offers, dead letter: " + (letter != null) + ", parked: "
                        + parked.contains(position));
            }
            counts.merge(offers > 0 ? "offers" : waits ? "parked" : "dead letters", 1, Integer::sum);
            if (letter != null) {
                counts.merge("dead letters, " + TestTraffic.header(letter, "dead-letter-reason"), 1, Integer::sum);
                checkLetter(partition, offset, record, letter);
            }
        }));
        report.put("activities", counts);
        assertThat(mistakes).isEmpty();
        assertThat(counts.get("offers") + counts.getOrDefault("parked", 0) + counts.get("dead letters"))
                .isEqualTo(fuzzed.sentTo(SandboxTopics.ACTIVITY).values().stream().mapToInt(Map::size).sum())
                .isGreaterThan(ACTIVITIES);
        // Enough of each outcome, except parked activities, whose number depends on the machine
        assertThat(counts.get("offers")).isGreaterThan(ACTIVITIES / 10);
        assertThat(counts.get("dead letters, unreadable")).isGreaterThan(ACTIVITIES / 10);
        assertThat(counts).containsKey("dead letters, undecidable");
    }

    private void assertChanges(TestTraffic traffic, FuzzTraffic fuzzed, ServiceProcess service,
            Map<String, Object> report)
            throws Exception {
        var letters = letters(traffic, SandboxTopics.CUSTOMERS);
        int unreadable = letters.values().stream().mapToInt(Map::size).sum();
        fuzzed.sentTo(SandboxTopics.CUSTOMERS).forEach((partition, records) -> records.forEach((offset, record) -> {
            var letter = letters.getOrDefault(partition, Map.of()).get(offset);
            if (letter != null) {
                checkLetter(partition, offset, record, letter);
            }
        }));
        assertThat(mistakes).isEmpty();

        int all = traffic.committed(SandboxTopics.CUSTOMERS).size();
        var counts = new TreeMap<String, Integer>();
        var metric = Pattern.compile("nbo_customer_changes_total\\{outcome=\"(\\w+)\"} ([0-9.E]+)");
        metric.matcher(get(service.managementPort(), "/q/metrics")).results()
                .forEach(found -> counts.put(found.group(1), (int) Double.parseDouble(found.group(2))));
        int applied = counts.values().stream().mapToInt(count -> count).sum();
        counts.put("dead letters", unreadable);
        report.put("changes", counts);
        assertThat(applied + unreadable).isEqualTo(all).isGreaterThan(ACTIVITIES / ACTIVITIES_PER_CHANGE);
        assertThat(unreadable).isGreaterThan(all / 10);
    }

    /** The dead letters of a topic by the position of the original, at most one each. */
    private Map<TopicPartition, Map<Long, ConsumerRecord<byte[], byte[]>>> letters(TestTraffic traffic, String topic) {
        var letters = new HashMap<TopicPartition, Map<Long, ConsumerRecord<byte[], byte[]>>>();
        for (var letter : traffic.committed(topic + "-dead-letter")) {
            var partition = new TopicPartition(TestTraffic.header(letter, "dead-letter-topic"),
                    Integer.parseInt(TestTraffic.header(letter, "dead-letter-partition")));
            long offset = Long.parseLong(TestTraffic.header(letter, "dead-letter-offset"));
            assertThat(partition.topic()).isEqualTo(topic);
            assertThat(letters.computeIfAbsent(partition, any -> new HashMap<>()).put(offset, letter))
                    .as("two dead letters of %s, offset %d", partition, offset).isNull();
        }
        return letters;
    }

    /**
     * Checks that key, value and headers equal those of the original, unless it was too large, and that the cause
     * quotes no value.
     */
    private void checkLetter(TopicPartition partition, long offset, FuzzedRecord record,
            ConsumerRecord<byte[], byte[]> letter) {
        if (TestTraffic.header(letter, "dead-letter-cause").contains(WireSamples.CANARY)) {
            mistake(partition, offset, record, "the cause quotes a value");
        }
        var all = letter.headers().toArray();
        int size = size(record.key()) + size(record.value()) + record.headers().stream()
                .mapToInt(header -> header.key().length() * 3 + 10 + size(header.value())).sum();
        boolean erased = TestTraffic.header(letter, "dead-letter-reason").equals("customer-erased");
        if (letter.value() == null && (erased || size > LIMIT)) {
            return;
        }
        boolean same = Arrays.equals(record.key(), letter.key()) && Arrays.equals(record.value(), letter.value())
                && all.length == record.headers().size() + 5;
        for (int i = 0; same && i < record.headers().size(); i++) {
            Header header = record.headers().get(i);
            same = Arrays.equals(FuzzTraffic.utf8(header.key()), FuzzTraffic.utf8(all[i].key()))
                    && Arrays.equals(header.value(), all[i].value());
        }
        if (!same) {
            mistake(partition, offset, record, "the dead letter differs from the original");
        }
    }

    private void assertStoredIsReadable(SandboxInfrastructure sandbox, TestTraffic traffic, ServiceProcess service,
            Map<String, Object> report) throws Exception {
        int latest = 0;
        try (Connection nbo = sandbox.postgres().connectToNbo();
                Statement statement = nbo.createStatement();
                var rows = statement.executeQuery(
                        "select customer_id, decision, decision::json from latest_offer")) {
            while (rows.next()) {
                latest++;
                assertThat(parseStrictly(FuzzTraffic.utf8(rows.getString(2))).get("customer_id").asText())
                        .isEqualTo(rows.getString(1));
                if (latest % 100 == 0) {
                    JsonNode why = parseStrictly(FuzzTraffic.utf8(get(service.httpPort(),
                            "/customers/" + URLEncoder.encode(rows.getString(1), StandardCharsets.UTF_8)
                                    .replace("+", "%20") + "/offer/explanation")));
                    assertThat(why.get("inputs").get("customer").isObject()).isTrue();
                    assertThat(why.get("candidates").size()).isEqualTo(5);
                }
            }
        }
        // Reads every profile
        int customers = 0;
        String after = "";
        while (after != null) {
            JsonNode page = parseStrictly(FuzzTraffic.utf8(get(service.httpPort(),
                    "/customers?limit=1000&after=" + URLEncoder.encode(after, StandardCharsets.UTF_8))));
            customers += page.get("customers").size();
            after = page.get("next").isNull() ? null : page.get("next").asText();
        }
        report.put("customers", customers);
        report.put("latest offers", latest);
        assertThat(latest).isGreaterThan(PARTITIONS);
        assertThat(customers).isGreaterThan(PARTITIONS);
    }

    /** Checks that the log has no unexpected failure, no restart of a stage, and no value of a record. */
    private void assertLog(SandboxInfrastructure sandbox) throws IOException {
        List<String> log = Files.readAllLines(sandbox.logs().resolve("service.log"), StandardCharsets.ISO_8859_1);

        // Kafka's clients log a warning when they retry
        assertThat(log).filteredOn(line -> line.contains(" ERROR ") || line.contains(" WARN  [io.nex"))
                .filteredOn(line -> !EXPECTED_WARNING.matcher(line).find())
                .filteredOn(line -> !line.contains("nbo.security.enabled is false")).isEmpty();
        assertThat(log).noneMatch(line -> line.startsWith("\tat "))
                .noneMatch(line -> line.contains("rewinding to the committed offsets"))
                .noneMatch(line -> line.contains(WireSamples.CANARY));
        assertThat(log).anyMatch(line -> EXPECTED_WARNING.matcher(line).find());
    }

    private static Set<RecordPosition> parked(SandboxInfrastructure sandbox) throws SQLException {
        var parked = new HashSet<RecordPosition>();
        try (Connection nbo = sandbox.postgres().connectToNbo();
                Statement statement = nbo.createStatement();
                var rows = statement.executeQuery(
                        "select topic_id, topic_partition, topic_offset from parked_activity")) {
            while (rows.next()) {
                parked.add(new RecordPosition(rows.getObject(1, UUID.class), rows.getInt(2), rows.getLong(3)));
            }
        }
        return parked;
    }

    private void mistake(TopicPartition partition, long offset, FuzzedRecord record, String what) {
        if (mistakes.size() < MAX_MISTAKES) {
            mistakes.add(partition + " " + offset + ": " + what + record.dump());
        }
    }

    private static JsonNode parseStrictly(byte[] json) {
        try {
            return STRICT.readTree(json);
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        } catch (IOException e) {
            throw new AssertionError("not JSON", e);
        }
    }

    private String get(int port, String path) throws IOException, InterruptedException {
        var response = http.send(HttpRequest.newBuilder(URI.create("http://localhost:" + port + path)).build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return response.body();
    }

    private static int size(byte[] bytes) {
        return bytes == null ? 0 : bytes.length;
    }
}
