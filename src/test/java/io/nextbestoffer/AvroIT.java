package io.nextbestoffer;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.is;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;

import com.fasterxml.jackson.databind.JsonNode;

import io.nextbestoffer.kafka.topic.RecordPosition;
import io.nextbestoffer.maintenance.OperationCalls;
import io.nextbestoffer.sandbox.OwnInfrastructure;
import io.nextbestoffer.sandbox.SandboxAvro;
import io.nextbestoffer.sandbox.SandboxInfrastructure;
import io.nextbestoffer.sandbox.SandboxTopics;
import io.nextbestoffer.sandbox.ServiceProcess;
import io.nextbestoffer.sandbox.TestTraffic;
import io.restassured.path.json.JsonPath;

/**
 * Tests Avro in the Confluent wire format with a real registry (Apicurio in a separate process), Debezium's Avro
 * converter, and the packaged service writing offers in Avro.
 */
@Timeout(90)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@OwnInfrastructure
class AvroIT {

    private static final Duration TIMEOUT = Duration.ofSeconds(20);
    private static final String SUBJECT = SandboxTopics.ACTIVITY + "-value";
    private static final String OUTPUT_SUBJECT = SandboxTopics.OFFERS + "-value";

    private static final Schema ACTIVITY = SchemaBuilder.record("Activity").namespace("bank").fields()
            .requiredInt("activity_id").requiredInt("customer_id").requiredString("ip_address")
            .requiredString("activity_type").requiredDouble("propensity_to_buy").endRecord();

    private static SandboxInfrastructure infrastructure;
    private static ServiceProcess service;
    private static TestTraffic traffic;
    private static SandboxAvro avro;
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @BeforeAll
    static void start() {
        infrastructure = SandboxInfrastructure
                .start(SandboxInfrastructure.Options.defaults().withSample().withPartitions(2).withAvro());
        avro = new SandboxAvro(infrastructure.registry().url());
        traffic = new TestTraffic(infrastructure.kafka());
        // With so few customers, a single missing one exceeds the default limit
        service = infrastructure.startService("service", 0, 0, Map.of("nbo.operations.reconcile-max-share", "1"));
        service.awaitReady(Duration.ofMinutes(1));
    }

    @AfterAll
    static void stop() throws Exception {
        for (AutoCloseable one : Arrays.asList(service, traffic, infrastructure)) {
            if (one != null) {
                one.close();
            }
        }
    }

    @Test
    void decidesTheSampleActivities() throws Exception {
        assertThat(traffic.committed(SandboxTopics.CUSTOMERS)).as("written by Debezium's converter").isNotEmpty()
                .allSatisfy(change -> {
                    assertThat(change.key()).startsWith(0);
                    // A delete is followed by a tombstone
                    if (change.value() != null) {
                        assertThat(change.value()).startsWith(0);
                    }
                });
        List<RecordPosition> sent = List.of(//
                activity(1, 1, "121.219.110.170", "branch_visit", 0.40),
                activity(2, 2, "210.232.55.188", "deposit", 0.56),
                activity(3, 3, "84.197.123.173", "web_open", 0.33),
                activity(4, 1, "70.149.233.32", "deposit", 0.41),
                activity(5, 2, "221.234.209.67", "deposit", 0.44),
                activity(6, 3, "102.187.28.148", "web_open", 0.33),
                activity(7, 1, "135.37.250.250", "mobile_open", 0.97),
                activity(8, 2, "122.157.243.25", "deposit", 0.83),
                activity(9, 3, "114.215.212.181", "deposit", 0.86),
                activity(10, 1, "248.248.0.78", "new_account", 0.14));

        List<GenericRecord> offers = sent.stream().map(AvroIT::awaitOffer).toList();

        assertThat(offers).extracting(offer -> offer.get("offer_id")).containsExactly(1L, 1L, 1L, 1L, 1L, 1L, 5L, 1L,
                1L, 1L);
        GenericRecord first = offers.get(0);
        assertThat(first.get("offer_name")).hasToString("new_savings");
        assertThat(first.get("propensity_to_buy")).isEqualTo(0.40);
        assertThat(first.get("activity_type")).hasToString("branch_visit");
        assertThat(first.get("income")).isEqualTo(403646L);
        assertThat(first.get("fico")).isEqualTo(465L);
        await().untilAsserted(
                () -> assertThat(get("/customers/1/offer").get("activity_id").asInt()).isEqualTo(10));
        JsonNode latest = get("/customers/1/offer");
        assertThat(latest.get("propensity_to_buy").asDouble()).isEqualTo(0.14);
    }

    /** Input and expected output are written by hand. */
    @Test
    void readsAndWritesConfluentsWireFormatByteByByte() throws Exception {
        int id = avro.register(SUBJECT, ACTIVITY);
        byte[] value = HexFormat.of().parseHex("00" + String.format("%08x", id) // magic byte, schema id
                + "a20c" // activity_id 785 = 0x311, zigzag 0x622: 0100010 with more to come, 0001100
                + "04" // customer_id 2
                + "08" + "3a3a3a31" // ip_address, 4 characters
                + "0e" + "6465706f736974" // activity_type, 7 characters
                + "000000000000e03f"); // propensity_to_buy 0.5, little-endian

        RecordPosition input = traffic.send(SandboxTopics.ACTIVITY, "2".getBytes(StandardCharsets.UTF_8), value);

        ConsumerRecord<byte[], byte[]> record = awaitRecord(input);
        ConsumerRecord<byte[], byte[]> read = traffic.committed(SandboxTopics.ACTIVITY).stream()
                .filter(one -> Arrays.equals(one.value(), value)).findFirst().orElseThrow();
        JsonNode registered = avro.latest(OUTPUT_SUBJECT);
        var expected = new ByteArrayOutputStream();
        expected.write(0);
        expected.writeBytes(ByteBuffer.allocate(4).putInt(registered.get("id").intValue()).array());
        writeLongs(expected, 0, 785); // activity_id: branch 0 of its union, a long
        writeLongs(expected, 0, 2); // customer_id
        writeLongs(expected, 0, 1); // offer_id
        writeText(expected, "new_savings");
        writeText(expected, "http://google.com.br/magnis/dis/parturient.json");
        writeLongs(expected, 1); // propensity_to_buy: branch 1 of its union, a double
        expected.writeBytes(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putDouble(0.5).array());
        writeLongs(expected, 1); // activity_type: branch 1 of its union, a string
        writeText(expected, "deposit");
        writeLongs(expected, 1, 109825); // income: a long
        writeLongs(expected, 1, 624); // fico: a long
        writeLongs(expected, 0); // attributes: the end of the map
        writeText(expected, input.decisionId().toString());
        writeText(expected, "banking");
        writeLongs(expected, 1); // strategy_version
        writeText(expected, "savings-for-high-income");
        byte[] actual = record.value();
        assertThat(actual).startsWith(expected.toByteArray());
        GenericRecord offer = avro.read(actual);
        writeLongs(expected, (long) offer.get("catalog_revision"));
        writeLongs(expected, 0); // score: null
        writeLongs(expected, 0); // alternatives: the end of the list
        writeLongs(expected, read.timestamp());
        writeLongs(expected, (long) offer.get("decided_at"));
        assertThat(actual).isEqualTo(expected.toByteArray());
        assertThat(record.key()).asString(StandardCharsets.UTF_8).isEqualTo("2");
        assertThat(TestTraffic.header(record, "nbo-schema-version")).isEqualTo("1");
    }

    @Test
    void readsRecordsOfChangingSchemas() {
        String subject = "evolution-value";
        var more = SchemaBuilder.record("Activity").namespace("bank").fields().requiredInt("activity_id")
                .requiredInt("customer_id").requiredString("ip_address").requiredString("activity_type")
                .requiredDouble("propensity_to_buy").name("channel").type().stringType().stringDefault("app")
                .endRecord();
        var fewer = SchemaBuilder.record("Activity").namespace("bank").fields().requiredDouble("propensity_to_buy")
                .requiredInt("customer_id").requiredString("activity_type").requiredInt("activity_id").endRecord();
        // Cast to a double, 0.9f is 0.8999999761581421, so the first rule, which requires p < 0.9, would match
        var others = SchemaBuilder.record("Activity").namespace("bank").fields().requiredLong("activity_id")
                .requiredLong("customer_id").name("kind").aliases("activity_kind").type().optional().stringType()
                .name("activity_type").type().nullable().stringType().stringDefault("deposit")
                .requiredFloat("propensity_to_buy").endRecord();

        RecordPosition one = send(subject,
                new GenericRecordBuilder(ACTIVITY).set("activity_id", 901).set("customer_id", 3)
                        .set("ip_address", "198.18.0.1").set("activity_type", "deposit").set("propensity_to_buy", 0.2)
                        .build());
        RecordPosition two = send(subject, new GenericRecordBuilder(more).set("activity_id", 902).set("customer_id", 3)
                .set("ip_address", "198.18.0.1").set("activity_type", "deposit").set("propensity_to_buy", 0.2).build());
        RecordPosition three = send(subject,
                new GenericRecordBuilder(fewer).set("activity_id", 903).set("customer_id", 3)
                        .set("activity_type", "deposit").set("propensity_to_buy", 0.95).build());
        RecordPosition four = send(subject, new GenericRecordBuilder(others).set("activity_id", 904L)
                .set("customer_id", 3L).set("propensity_to_buy", 0.9f).build());

        assertThat(List.of(one, two, three, four)).map(AvroIT::awaitOffer)
                .extracting(offer -> offer.get("activity_id"), offer -> offer.get("offer_id"))
                .containsExactly(tuple(901L, 1L),
                        tuple(902L, 1L),
                        tuple(903L, 5L), tuple(904L, 5L));
        assertThat(awaitOffer(four).get("propensity_to_buy")).isEqualTo(0.9);
        Schema needed = schema("/avro/activity.avsc");
        assertThat(List.of(ACTIVITY, more, fewer, others)).allSatisfy(writer -> assertThat(
                SchemaCompatibility.checkReaderWriterCompatibility(needed, writer).getType())
                .isEqualTo(SchemaCompatibilityType.COMPATIBLE));
    }

    @Test
    void sendsUnreadableRecordsToTheDeadLetterTopicUnchanged() {
        int id = avro.register(SUBJECT, ACTIVITY);
        byte[] unknown = bytes("00" + "7ffffff0" + "0202");
        byte[] endsEarly = bytes("00" + String.format("%08x", id) + "0204");
        byte[] tooLong = bytes(
                "00" + String.format("%08x", id) + "0204" + "083a3a3a31" + "00" + "000000000000e03f" + "00");
        byte[] hugeLength = bytes("00" + String.format("%08x", id) + "0204" + "feffffffffffffffff01");
        byte[] key = {'2'};

        List<RecordPosition> sent = List.of(unknown, endsEarly, tooLong, hugeLength).stream()
                .map(value -> traffic.send(SandboxTopics.ACTIVITY, key, value)).toList();
        RecordPosition good = activity(905, 2, "198.18.0.1", "deposit", 0.5);

        var letters = sent.stream().map(input -> traffic.awaitDeadLetter(SandboxTopics.ACTIVITY, input)).toList();
        assertThat(letters).extracting(ConsumerRecord::value).containsExactly(unknown, endsEarly, tooLong, hugeLength);
        assertThat(letters).extracting(letter -> TestTraffic.header(letter, "dead-letter-cause")).containsExactly(
                "the schema registry knows no schema 2147483632", "invalid Avro: it ends too early",
                "invalid Avro: the record is followed by other content",
                "invalid Avro: ip_address has an impossible length");
        assertThat(awaitOffer(good).get("activity_id")).isEqualTo(905L);
    }

    @Test
    void readsJsonBesideAvro() throws Exception {
        RecordPosition input = traffic.activity(2, 906, "deposit", 0.95);

        assertThat(awaitOffer(input).get("offer_id")).isEqualTo(5L);
    }

    @Test
    void streamsOffersInJson() throws Exception {
        var lines = HTTP.sendAsync(HttpRequest
                .newBuilder(URI.create("http://127.0.0.1:" + service.httpPort() + "/offers/stream?customer=3")).build(),
                HttpResponse.BodyHandlers.ofLines()).get().body().iterator();
        // The first line arrives once the stream is open
        assertThat(lines.next()).startsWith(":");

        RecordPosition input = activity(907, 3, "198.18.0.1", "deposit", 0.25);

        List<String> seen = new ArrayList<>();
        while (seen.stream().noneMatch(line -> line.startsWith("data:") && line.contains("\"activity_id\":907"))) {
            seen.add(lines.next());
        }
        JsonNode streamed = TestTraffic.json(seen.get(seen.size() - 1).substring("data:".length())
                .getBytes(StandardCharsets.UTF_8));
        GenericRecord offer = awaitOffer(input);
        JsonNode explained = get("/decisions/" + input.decisionId());
        assertThat(streamed).isEqualTo(explained.has("decision") ? explained.get("decision") : explained);
        assertThat(streamed.get("decision_id").asText()).isEqualTo(offer.get("decision_id").toString());
    }

    @Test
    void readsChangesAndDeletesInAvro() throws Exception {
        try (var bank = infrastructure.postgres().connectToBank(); var statement = bank.createStatement()) {
            statement.execute("insert into customers values (70, 'A', 'B', 'a@example.com', 'Female', 20000, 500)");
            await().atMost(TIMEOUT).until(() -> status("/customers/70/offer") == 404
                    && body("/customers/70/offer").contains("no-offer-yet"));
            RecordPosition poor = activity(908, 70, "198.18.0.1", "deposit", 0.5);
            assertThat(awaitOffer(poor).get("offer_id")).isEqualTo(2L);

            statement.execute("update customers set income = 60000, fico = 650 where customer_id = 70");
            await().atMost(TIMEOUT).untilAsserted(() -> assertThat(
                    awaitOffer(activity(909, 70, "198.18.0.1", "deposit", 0.5)).get("offer_id")).isEqualTo(3L));

            statement.execute("delete from customers where customer_id = 70");
            await().atMost(TIMEOUT).until(() -> body("/customers/70/offer").contains("customer-unknown"));
        }
    }

    @Test
    void waitsForTheRegistryAndContinues() throws Exception {
        int id = avro.register(SUBJECT, ACTIVITY);
        // A schema that the service has not read yet
        var unseen = SchemaBuilder.record("Activity").namespace("bank.later").fields().requiredInt("activity_id")
                .requiredInt("customer_id").requiredString("activity_type").requiredDouble("propensity_to_buy")
                .endRecord();
        byte[] later = avro.write("later-value", new GenericRecordBuilder(unseen).set("activity_id", 910)
                .set("customer_id", 1).set("activity_type", "deposit").set("propensity_to_buy", 0.1).build());
        assertThat(awaitOffer(activity(911, 1, "198.18.0.1", "deposit", 0.1)).get("activity_id")).isEqualTo(911L);
        infrastructure.registry().stop();
        try {
            assertThat(awaitOffer(activity(912, 1, "198.18.0.1", "deposit", 0.1)).get("activity_id"))
                    .as("a schema that is in memory: %d", id).isEqualTo(912L);
            assertThat(service.isReady()).isTrue();

            RecordPosition waits = traffic.send(SandboxTopics.ACTIVITY, new byte[]{'1'}, later);
            RecordPosition behind = activity(913, 1, "198.18.0.1", "deposit", 0.1);

            await().atMost(TIMEOUT).until(() -> !service.isReady());
            assertThat(HTTP.send(HttpRequest.newBuilder(
                    URI.create("http://127.0.0.1:" + service.managementPort() + "/q/health/ready")).build(),
                    HttpResponse.BodyHandlers.ofString()).body()).contains("the schema registry can't be reached");
            assertThat(findRecord(waits)).isEmpty();
            assertThat(findRecord(behind)).isEmpty();
            infrastructure.registry().start();
            assertThat(awaitOffer(waits).get("activity_id")).isEqualTo(910L);
            assertThat(awaitOffer(behind).get("activity_id")).isEqualTo(913L);
            await().atMost(TIMEOUT).until(service::isReady);
            assertThat(traffic.findDeadLetter(SandboxTopics.ACTIVITY, waits)).isEmpty();
        } finally {
            infrastructure.registry().start();
        }
    }

    @Test
    void releasesParkedActivitiesWhenTheirCustomerArrivesOrIsErased() throws Exception {
        RecordPosition early = activity(920, 71, "198.18.0.1", "deposit", 0.5);
        RecordPosition erased = activity(921, 72, "198.18.0.1", "deposit", 0.5);
        awaitCount(2, "parked_activity where customer_id in ('71', '72')");
        assertThat(findRecord(early)).isEmpty();

        bank("insert into customers (customer_id, income, fico) values (71, 60000, 650)");
        traffic.send(SandboxTopics.CUSTOMERS, changeKey(72), null);

        GenericRecord offer = awaitOffer(early);
        assertThat(offer.get("activity_id")).isEqualTo(920L);
        assertThat(offer.get("offer_id")).isEqualTo(3L);
        await().untilAsserted(() -> assertThat(get("/customers/71/offer").get("decision_id").asText())
                .isEqualTo(early.decisionId().toString()));
        var letter = traffic.awaitDeadLetter(SandboxTopics.ACTIVITY, erased);
        assertThat(TestTraffic.header(letter, "dead-letter-reason")).isEqualTo("customer-erased");
        assertThat(letter.value()).isNull();
        awaitCount(0, "parked_activity");
    }

    @Test
    void replaysDeadLettersUnchanged() throws Exception {
        bank("insert into customers (customer_id, fico) values (73, 650)");
        awaitCount(1, "customer where customer_id = '73'");
        RecordPosition dead = activity(922, 73, "198.18.0.1", "deposit", 0.5);
        var letter = traffic.awaitDeadLetter(SandboxTopics.ACTIVITY, dead);
        assertThat(TestTraffic.header(letter, "dead-letter-reason")).isEqualTo("undecidable");
        assertThat(get("/dead-letters/" + SandboxTopics.ACTIVITY + "/" + letter.partition() + "/" + letter.offset())
                .get("value").asText()).isEqualTo("base64:" + Base64.getEncoder().encodeToString(letter.value()));
        bank("update customers set income = 60000 where customer_id = 73");
        awaitCount(1, "customer where customer_id = '73' and attributes ->> 'income' = '60000'");

        String replay = "/dead-letters/" + SandboxTopics.ACTIVITY + "/replay?partition=" + letter.partition()
                + "&offset="
                + letter.offset();
        assertThat(run(replay).getInt("result.replayed")).isOne();

        var again = traffic.committed(SandboxTopics.ACTIVITY).stream()
                .filter(record -> TestTraffic.header(record, "replayed-from")
                        .equals(letter.topic() + "/" + letter.partition() + "/" + letter.offset()))
                .toList();
        assertThat(again).extracting(ConsumerRecord::value).containsExactly(letter.value());
        GenericRecord offer = awaitOffer(new RecordPosition(dead.topicId(), dead.partition(), again.get(0).offset()));
        assertThat(offer.get("activity_id")).isEqualTo(922L);
        assertThat(offer.get("offer_id")).isEqualTo(3L);
        assertThat(run(replay).getInt("result.already_replayed")).isOne();
    }

    @Test
    void rebuildsLatestOffers() throws Exception {
        for (int customer = 1; customer <= 3; customer++) {
            activity(923, customer, "198.18.0.1", "deposit", 0.95);
            awaitOffer(activity(924, customer, "198.18.0.1", "deposit", customer / 3.0));
        }
        await().untilAsserted(() -> assertThat(text("""
                select count(*) from latest_offer where customer_id in ('1', '2', '3')
                    and decision::json ->> 'activity_id' = '924'""")).isEqualTo("3"));
        String rows = "select string_agg(l::text, chr(10) order by customer_id) from latest_offer l";
        String before = text(rows);
        List<String> answers = List.of(body("/customers/1/offer"), body("/customers/2/offer"),
                body("/customers/3/offer"));
        assertThat(answers).allSatisfy(answer -> assertThat(answer).contains("\"activity_id\":924"));
        nbo("truncate latest_offer");
        assertThat(body("/customers/1/offer")).contains("no-offer-yet");

        JsonPath done = run("/operations/latest-offers/rebuild");

        assertThat(done.getInt("result.unreadable")).isZero();
        assertThat(text(rows)).isEqualTo(before);
        assertThat(List.of(body("/customers/1/offer"), body("/customers/2/offer"), body("/customers/3/offer")))
                .isEqualTo(answers);
        assertThat(run("/operations/latest-offers/rebuild").getInt("result.stored")).isZero();
    }

    @Test
    void rereadsProfiles() throws Exception {
        bank("""
                insert into customers (customer_id, income, fico, avg_account_balance, existing_products)
                select id, 60000, 650, 0.1, '{a,b}' from generate_series(74, 76) id""");
        awaitCount(3, "customer where customer_id in ('74', '75', '76')");
        bank("delete from customers where customer_id = 76");
        awaitCount(1, "customer where customer_id = '76' and attributes is null");
        String rows = """
                select string_agg((customer_id, numeric_id, attributes::text, lsn, source_ts_ms, topic_partition)::text,
                    chr(10) order by customer_id) from customer where customer_id between '74' and '76'""";
        String before = text(rows);
        // An older database: 74 is missing, 75 has older values, 76 is not deleted
        nbo("delete from customer where customer_id = '74'");
        nbo("""
                update customer set attributes = '{"income":1}', lsn = lsn - 1, source_ts_ms = source_ts_ms - 1,
                    topic_offset = topic_offset - 1 where customer_id in ('75', '76')""");

        JsonPath done = run("/operations/customers/reread");

        assertThat(done.getInt("result.unreadable")).isZero();
        assertThat(done.getInt("result.repaired")).isEqualTo(3);
        assertThat(text(rows)).isEqualTo(before).contains("60000");
        assertThat(awaitOffer(activity(925, 75, "198.18.0.1", "deposit", 0.5)).get("offer_id")).isEqualTo(3L);
        assertThat(run("/operations/customers/reread").getInt("result.repaired")).isZero();
    }

    /** The bank's Postgres stores this value out of line (TOAST), and does not send it when another column changes. */
    @Test
    void keepsValuesThatPostgresDidNotSend() throws Exception {
        bank("""
                insert into customers (customer_id, income, fico, existing_products)
                select 78, 60000, 650, array(select md5(i::text) from generate_series(1, 400) i)""");
        awaitCount(1, "customer where customer_id = '78' and attributes->>'income' = '60000'");
        String products = text("select attributes->>'existing_products' from customer where customer_id = '78'");

        bank("update customers set income = 61000 where customer_id = 78");

        awaitCount(1, "customer where customer_id = '78' and attributes->>'income' = '61000'");
        assertThat(text("select attributes->>'existing_products' from customer where customer_id = '78'"))
                .isEqualTo(products).hasSizeGreaterThan(12_000);
        assertThat(text("select missing_attributes from customer where customer_id = '78'")).isNull();
    }

    /** Runs last, because it leaves JSON in the topic of changes. */
    @Test
    @Order(Integer.MAX_VALUE)
    void writesMissingDeletesInJsonOnlyIfForced() throws Exception {
        bank("insert into customers (customer_id, income, fico) values (77, 60000, 650)");
        awaitCount(1, "customer where customer_id = '77'");
        awaitOffer(activity(926, 77, "198.18.0.1", "deposit", 0.5));
        byte[] key = traffic.committed(SandboxTopics.CUSTOMERS).stream().map(ConsumerRecord::key)
                .filter(one -> Arrays.equals(one, 5, one.length, changeKey(77), 5, one.length)).findFirst()
                .orElseThrow();
        infrastructure.debezium().stop();
        infrastructure.debezium().loseSlot();
        bank("delete from customers where customer_id = 77");
        String before = text("select source_ts_ms from customer_snapshot");
        infrastructure.debezium().start();
        awaitCount(1, "customer_snapshot where source_ts_ms > " + before);
        String confirm = given().port(service.httpPort()).when().post("/customers/reconcile").then().statusCode(200)
                .body("by", is("snapshot")).body("missing", is(1)).body("customers", contains(77)).extract()
                .path("confirm");
        String reconcile = "/customers/reconcile?confirm=" + confirm;

        assertThat(operations().runToEnd(reconcile).getString("problem")).contains("in Avro").contains("force=true");
        // The same applies if the last change is missing, as in a recreated topic
        String originalTopicId = text("select topic_id from customer where customer_id = '77'");
        nbo("update customer set topic_id = gen_random_uuid() where customer_id = '77'");
        assertThat(operations().runToEnd(reconcile).getString("problem")).contains("in Avro").contains("force=true");
        nbo("update customer set topic_id = '" + originalTopicId + "' where customer_id = '77'");
        assertThat(deletesByTheService()).isEmpty();
        assertThat(status("/customers/77/offer")).isEqualTo(200);
        assertThat(run(reconcile + "&force=true").getInt("result.erased")).isOne();

        assertThat(body("/customers/77/offer")).contains("customer-unknown");
        assertThat(deletesByTheService()).extracting(ConsumerRecord::key).containsExactly(key);
        RecordPosition after = activity(927, 77, "198.18.0.1", "deposit", 0.5);
        awaitCount(1, "parked_activity where customer_id = '77'");
        assertThat(findRecord(after)).isEmpty();
        JsonPath reread = run("/operations/customers/reread");
        assertThat(reread.getInt("result.unreadable") + reread.getInt("result.repaired")).isZero();
        given().port(service.httpPort()).when().post("/customers/reconcile").then().body("missing", is(0));
    }

    private static List<ConsumerRecord<byte[], byte[]>> deletesByTheService() {
        return traffic.committed(SandboxTopics.CUSTOMERS).stream()
                .filter(record -> record.value() != null && record.value()[0] == '{').toList();
    }

    /** A key as Debezium's converter writes it. */
    private static byte[] changeKey(int customer) {
        var key = new ByteArrayOutputStream();
        key.write(traffic.committed(SandboxTopics.CUSTOMERS).get(0).key(), 0, 5);
        writeLongs(key, customer);
        return key.toByteArray();
    }

    private static JsonPath run(String path) {
        return operations().run(path);
    }

    private static OperationCalls operations() {
        return new OperationCalls(() -> given().port(service.httpPort()));
    }

    private static void bank(String statement) throws SQLException {
        infrastructure.postgres().executeInBank(statement);
    }

    private static void nbo(String statement) throws SQLException {
        infrastructure.postgres().executeInNbo(statement);
    }

    private static String text(String query) throws SQLException {
        return infrastructure.postgres().textFromNbo(query);
    }

    private static void awaitCount(int count, String from) {
        await().atMost(TIMEOUT).until(() -> text("select count(*) from " + from), is("" + count));
    }

    private static RecordPosition activity(int id, int customer, String address, String type, double propensity) {
        return send(SUBJECT,
                new GenericRecordBuilder(ACTIVITY).set("activity_id", id).set("customer_id", customer)
                        .set("ip_address", address).set("activity_type", type).set("propensity_to_buy", propensity)
                        .build());
    }

    private static RecordPosition send(String subject, GenericRecord activity) {
        return traffic.send(SandboxTopics.ACTIVITY,
                activity.get("customer_id").toString().getBytes(StandardCharsets.UTF_8), avro.write(subject, activity));
    }

    private static GenericRecord awaitOffer(RecordPosition input) {
        return avro.read(awaitRecord(input).value());
    }

    private static ConsumerRecord<byte[], byte[]> awaitRecord(RecordPosition input) {
        return await().atMost(TIMEOUT).pollInterval(Duration.ofMillis(50))
                .until(() -> findRecord(input), Optional::isPresent).orElseThrow();
    }

    private static Optional<ConsumerRecord<byte[], byte[]>> findRecord(RecordPosition input) {
        var found = traffic.committed(SandboxTopics.OFFERS).stream().filter(record -> avro.read(record.value())
                .get("decision_id").toString().equals(input.decisionId().toString())).toList();
        assertThat(found).as("offers for one input").hasSizeLessThan(2);
        return found.stream().findFirst();
    }

    private static Schema schema(String resource) {
        try (var in = AvroIT.class.getResourceAsStream(resource)) {
            return new Schema.Parser().parse(in);
        } catch (java.io.IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex);
    }

    /** Writes an int or long in Avro: zigzag encoding, then groups of seven bits, lowest first. */
    private static void writeLongs(ByteArrayOutputStream to, long... numbers) {
        for (long number : numbers) {
            long rest = number << 1 ^ number >> 63;
            while ((rest & ~0x7fL) != 0) {
                to.write((int) (rest & 0x7f | 0x80));
                rest >>>= 7;
            }
            to.write((int) rest);
        }
    }

    private static void writeText(ByteArrayOutputStream to, String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        writeLongs(to, utf8.length);
        to.writeBytes(utf8);
    }

    private static JsonNode get(String path) throws Exception {
        return await().atMost(TIMEOUT).until(() -> request(path), response -> response.statusCode() == 200)
                .body().transform(body -> TestTraffic.json(body.getBytes(StandardCharsets.UTF_8)));
    }

    private static int status(String path) throws Exception {
        return request(path).statusCode();
    }

    private static String body(String path) throws Exception {
        return request(path).body();
    }

    private static HttpResponse<String> request(String path) throws Exception {
        return HTTP.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + service.httpPort() + path)).build(),
                HttpResponse.BodyHandlers.ofString());
    }
}
