package io.nextbestoffer.sandbox;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Sends the activities of the sample bank: the samples first, then generated ones at the given rate. Each run sends the
 * same activities.
 */
final class ActivityFeed implements AutoCloseable {

    /** @param propensity sent as propensity to buy and as propensity to churn; each strategy reads one of them */
    record Activity(int activityId, int customerId, String ipAddress, String activityType, double propensity) {
        String toJson() {
            return String.format(Locale.ROOT,
                    "{\"activity_id\":%d,\"customer_id\":%d,\"ip_address\":\"%s\",\"activity_type\":\"%s\","
                            + "\"propensity_to_buy\":%s,\"propensity_to_churn\":%s}",
                    activityId, customerId, ipAddress, activityType, propensity, propensity);
        }

        byte[] toAvro(SandboxAvro avro) {
            var fields = new GenericRecordBuilder(SCHEMA);
            return avro.write(SandboxTopics.ACTIVITY + "-value", fields.set("activity_id", activityId)
                    .set("customer_id", customerId).set("ip_address", ipAddress).set("activity_type", activityType)
                    .set("propensity_to_buy", propensity).set("propensity_to_churn", propensity).build());
        }
    }

    static final Schema SCHEMA = SchemaBuilder.record("CustomerActivity").namespace("bank").fields()
            .requiredInt("activity_id").requiredInt("customer_id").requiredString("ip_address")
            .requiredString("activity_type").requiredDouble("propensity_to_buy").optionalDouble("propensity_to_churn")
            .endRecord();

    static final List<Activity> SAMPLES = List.of(//
            new Activity(1, 1, "121.219.110.170", "branch_visit", 0.40),
            new Activity(2, 2, "210.232.55.188", "deposit", 0.56), //
            new Activity(3, 3, "84.197.123.173", "web_open", 0.33), //
            new Activity(4, 1, "70.149.233.32", "deposit", 0.41), //
            new Activity(5, 2, "221.234.209.67", "deposit", 0.44), //
            new Activity(6, 3, "102.187.28.148", "web_open", 0.33),
            new Activity(7, 1, "135.37.250.250", "mobile_open", 0.97),
            new Activity(8, 2, "122.157.243.25", "deposit", 0.83), //
            new Activity(9, 3, "114.215.212.181", "deposit", 0.86), //
            new Activity(10, 1, "248.248.0.78", "new_account", 0.14),
            // Repeated activity ids: an activity is identified by its position, not by its id
            new Activity(8, 2, "122.157.243.25", "deposit", 0.99), //
            new Activity(9, 3, "1.215.212.181", "deposit", 0.78), //
            new Activity(10, 1, "248.248.0.77", "new_account", 0.14));

    private static final String[] TYPES = {"branch_visit", "deposit", "web_open", "mobile_open", "new_account"};

    private final KafkaProducer<String, byte[]> producer;
    private final SandboxAvro avro;
    private final double rate;
    private final Consumer<RecordMetadata> onSent;
    private final Consumer<Exception> onFailure;
    private final Thread thread = new Thread(this::run, "sandbox-activity");
    private volatile boolean stopping;

    /** @param avro null for JSON */
    ActivityFeed(SandboxKafka kafka, SandboxAvro avro, double rate, Consumer<RecordMetadata> onSent,
            Consumer<Exception> onFailure) {
        // One idempotent producer keeps the order per customer through retries.
        this.producer = new KafkaProducer<>(
                kafka.client(Map.of("acks", "all", "enable.idempotence", true)),
                new StringSerializer(), new ByteArraySerializer());
        this.avro = avro;
        this.rate = rate;
        this.onSent = onSent;
        this.onFailure = onFailure;
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /** Returns once Kafka has acknowledged every activity that was sent. */
    void stop() {
        stopping = true;
        LockSupport.unpark(thread);
        try {
            thread.join(TimeUnit.SECONDS.toMillis(10));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        producer.flush();
    }

    @Override
    public void close() {
        stopping = true;
        LockSupport.unpark(thread);
        producer.close(Duration.ofSeconds(2));
    }

    private void run() {
        try {
            for (Activity sample : SAMPLES) {
                send(sample);
            }
            generate();
        } catch (RuntimeException e) {
            if (!stopping) {
                onFailure.accept(e);
            }
        }
    }

    private void generate() {
        if (rate == 0) {
            return;
        }
        Random random = new Random(42);
        LoadPace pace = LoadPace.fromNow(rate);
        for (int n = 1; !stopping; n++) {
            long due = pace.due(n);
            while (!stopping && due - System.nanoTime() > 0) {
                LockSupport.parkNanos(due - System.nanoTime());
            }
            if (!stopping) {
                send(new Activity(10 + n, 1 + random.nextInt(3), randomAddress(random),
                        TYPES[random.nextInt(TYPES.length)], random.nextInt(101) / 100.0));
            }
        }
    }

    private void send(Activity activity) {
        String key = Integer.toString(activity.customerId());
        byte[] value = avro == null ? activity.toJson().getBytes(StandardCharsets.UTF_8) : activity.toAvro(avro);
        producer.send(new ProducerRecord<>(SandboxTopics.ACTIVITY, key, value), (metadata, failure) -> {
            if (failure == null) {
                onSent.accept(metadata);
            } else if (!stopping) {
                onFailure.accept(failure);
            }
        });
    }

    private static String randomAddress(Random random) {
        // 198.18.0.0/15 is reserved for tests (RFC 2544).
        return "198." + (18 + random.nextInt(2)) + "." + random.nextInt(256) + "." + random.nextInt(256);
    }
}
