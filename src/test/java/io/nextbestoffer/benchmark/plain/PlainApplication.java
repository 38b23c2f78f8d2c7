package io.nextbestoffer.benchmark.plain;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

import io.nextbestoffer.benchmark.peer.PeerActivity;
import io.nextbestoffer.benchmark.peer.PeerCustomer;
import io.nextbestoffer.benchmark.peer.PeerJsonSerde;
import io.nextbestoffer.benchmark.peer.PeerOffer;
import io.nextbestoffer.sandbox.JavaProcess;
import io.nextbestoffer.sandbox.SandboxLogging;

/**
 * Main class of the plain consumer. Arguments: {@code bootstrap-servers group activities customers offers jdbc-url
 * log}.
 * <p>
 * For each batch: decide, send the offers, store the latest offer of each customer with one statement, and commit the
 * offsets once all of that is done. So no activity is lost, but after a crash the last batch is decided again.
 */
public final class PlainApplication {
    private static final int BATCH = 5_000;

    private final KafkaConsumer<String, PeerActivity> activities;
    private final KafkaProducer<String, byte[]> producer;
    private final Serializer<PeerOffer> json = PeerJsonSerde.of(PeerOffer.class).serializer();
    private final Map<String, PeerCustomer> customers;
    private final PlainLatestOffers latest;
    private final String offersTopic;

    private PlainApplication(KafkaConsumer<String, PeerActivity> activities, KafkaProducer<String, byte[]> producer,
            Map<String, PeerCustomer> customers, PlainLatestOffers latest, String offersTopic) {
        this.activities = activities;
        this.producer = producer;
        this.customers = customers;
        this.latest = latest;
        this.offersTopic = offersTopic;
    }

    public static void main(String[] arguments) throws SQLException {
        SandboxLogging.useJbossLogManager();
        SandboxLogging.toFile(Path.of(arguments[6]));
        JavaProcess.endWithParent();
        String brokers = arguments[0];
        Map<String, PeerCustomer> customers = PlainCustomers.read(brokers, arguments[3]);
        System.out.println(customers.size() + " customers");
        try (Connection postgres = DriverManager.getConnection(arguments[5], "nbo", "nbo");
                PlainLatestOffers latest = new PlainLatestOffers(postgres);
                KafkaProducer<String, byte[]> producer = producer(brokers);
                KafkaConsumer<String, PeerActivity> activities = consumer(brokers, arguments[1])) {
            activities.subscribe(List.of(arguments[2]));
            endOnSignal(activities);
            new PlainApplication(activities, producer, customers, latest, arguments[4]).run();
        } catch (WakeupException e) {
            System.out.println("ended by a signal");
        } catch (Exception e) {
            // A restart continues at the committed offsets
            e.printStackTrace();
            Runtime.getRuntime().halt(1);
        }
    }

    private static KafkaConsumer<String, PeerActivity> consumer(String brokers, String group) {
        return new KafkaConsumer<>(Map.of("bootstrap.servers", brokers, "group.id", group, "enable.auto.commit", false,
                "auto.offset.reset", "earliest", "max.poll.records", BATCH), new StringDeserializer(),
                PeerJsonSerde.of(PeerActivity.class).deserializer());
    }

    private static KafkaProducer<String, byte[]> producer(String brokers) {
        return new KafkaProducer<>(Map.of("bootstrap.servers", brokers, "acks", "all", "enable.idempotence", true),
                new StringSerializer(), (topic, value) -> value);
    }

    private static void endOnSignal(KafkaConsumer<?, ?> consumer) {
        Thread main = Thread.currentThread();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            consumer.wakeup();
            try {
                main.join(Duration.ofSeconds(10).toMillis());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }, "end"));
    }

    private void run() throws SQLException, ExecutionException, InterruptedException {
        while (true) {
            ConsumerRecords<String, PeerActivity> batch = activities.poll(Duration.ofSeconds(1));
            if (!batch.isEmpty()) {
                process(batch);
                activities.commitSync();
            }
        }
    }

    private void process(ConsumerRecords<String, PeerActivity> batch)
            throws SQLException, ExecutionException, InterruptedException {
        Map<String, byte[]> lastOfEach = new HashMap<>();
        List<Future<RecordMetadata>> sent = new ArrayList<>(batch.count());
        for (ConsumerRecord<String, PeerActivity> record : batch) {
            PeerCustomer customer = customers.get(record.key());
            // Like the Kafka Streams application, it ignores activities of unknown customers
            if (customer != null) {
                byte[] offer = json.serialize(offersTopic, PeerOffer.decide(record.value(), customer,
                        record.topic() + "/" + record.partition() + "/" + record.offset(), record.timestamp()));
                sent.add(producer.send(new ProducerRecord<>(offersTopic, record.key(), offer)));
                lastOfEach.put(record.key(), offer);
            }
        }
        // The broker and Postgres work at the same time
        latest.store(lastOfEach);
        producer.flush();
        for (Future<RecordMetadata> one : sent) {
            one.get();
        }
    }
}
