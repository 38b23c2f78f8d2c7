package io.nextbestoffer;

import static io.restassured.RestAssured.when;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.is;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;

import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import io.nextbestoffer.kafka.topic.RecordPosition;
import io.nextbestoffer.sandbox.SandboxInfrastructure;
import io.nextbestoffer.sandbox.SandboxResource;
import io.nextbestoffer.sandbox.SandboxResource.FromSandbox;
import io.nextbestoffer.sandbox.SandboxTopics;
import io.nextbestoffer.sandbox.TestTraffic;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusIntegrationTest;

/** Reads records in every compression format: the decompressors are native code, which a native image may lack. */
@QuarkusIntegrationTest
@WithTestResource(SandboxResource.class)
class CompressionIT {

    @FromSandbox
    SandboxInfrastructure infrastructure;

    @FromSandbox
    TestTraffic traffic;

    @ParameterizedTest
    @CsvSource({"gzip, 720", "snappy, 721", "lz4, 722", "zstd, 723"})
    void readsCompressedActivities(String codec, int customer)
            throws ExecutionException, InterruptedException {
        traffic.send(SandboxTopics.CUSTOMERS, "{\"customer_id\":%d}".formatted(customer),
                "{\"customer_id\":%d,\"income\":60000,\"fico\":700}".formatted(customer));
        await().atMost(Duration.ofSeconds(20)).untilAsserted(
                () -> when().get("/customers/" + customer + "/offer").then().body("type", is("no-offer-yet")));

        RecordPosition position = send(codec, customer);

        assertThat(traffic.awaitOffer(position).get("offer_id").asInt()).isEqualTo(3);
    }

    private RecordPosition send(String codec, int customer) throws ExecutionException, InterruptedException {
        String activity = """
                {"activity_id":1,"customer_id":%d,"activity_type":"deposit","propensity_to_buy":0.5,"note":"%s"}"""
                .formatted(customer, "again ".repeat(100));
        try (var producer = new KafkaProducer<>(
                Map.<String, Object>of("bootstrap.servers", infrastructure.kafka().bootstrapServers(),
                        "compression.type", codec),
                new StringSerializer(), new StringSerializer())) {
            return traffic.position(producer
                    .send(new ProducerRecord<>(SandboxTopics.ACTIVITY, Integer.toString(customer), activity)).get());
        }
    }
}
