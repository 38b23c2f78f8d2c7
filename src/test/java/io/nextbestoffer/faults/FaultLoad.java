package io.nextbestoffer.faults;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

import io.nextbestoffer.sandbox.LoadPace;
import io.nextbestoffer.sandbox.SandboxKafka;
import io.nextbestoffer.sandbox.SandboxTopics;

/**
 * Sends activities at a constant rate, and changes the bank's customers meanwhile. Of a hundred activities, five
 * precede their customer's row in the bank, one is malformed, ten are of customers whose profile changes, and three are
 * of customers who are deleted.
 */
final class FaultLoad implements AutoCloseable {

    private static final int MAX_ARRIVED = 2_000;

    private final ChangingBank bank;
    private final RecordLedger records;
    private final int perSecond;
    private final KafkaProducer<byte[], byte[]> producer;
    private final AtomicInteger unacknowledged = new AtomicInteger();
    private final AtomicReference<Exception> failure = new AtomicReference<>();
    private final Random random = new Random(7);
    private final List<ChangingBank.Customer> awaited = new ArrayList<>();
    private final List<ChangingBank.Customer> arrived = new ArrayList<>();
    private volatile boolean running;
    private volatile boolean onlySteady;
    private Thread thread;

    FaultLoad(ChangingBank bank, RecordLedger records, SandboxKafka kafka, int perSecond) {
        this.bank = bank;
        this.records = records;
        this.perSecond = perSecond;
        // Long timeouts, because the load must survive outages of the broker
        producer = new KafkaProducer<>(Map.of("bootstrap.servers", kafka.bootstrapServers(), "acks", "all",
                "delivery.timeout.ms", 600_000, "max.block.ms", 600_000, "buffer.memory", 128L << 20, "linger.ms", 2),
                new ByteArraySerializer(), new ByteArraySerializer());
    }

    void start() {
        running = true;
        thread = new Thread(this::run, "load");
        thread.start();
    }

    /** Stops the load. On return Kafka has acknowledged all activities, and the bank has made all scheduled changes. */
    void stop(Duration limit) throws InterruptedException {
        running = false;
        if (thread != null) {
            thread.join();
            thread = null;
        }
        await(limit);
        bank.await(limit);
    }

    private void run() {
        LoadPace pace = LoadPace.fromNow(perSecond);
        for (long i = 0; running; i++) {
            send(next(), content());
            bank.change(random);
            pace.awaitDue(i);
        }
    }

    /** Sends one more activity of this customer. */
    SentActivity send(ChangingBank.Customer customer) {
        return send(customer, SentActivity.Content.GOOD);
    }

    private SentActivity send(ChangingBank.Customer customer, SentActivity.Content content) {
        SentActivity sent = records.add(customer, content);
        unacknowledged.incrementAndGet();
        producer.send(new ProducerRecord<>(SandboxTopics.ACTIVITY, sent.key(), sent.value()), (position, e) -> {
            if (e == null) {
                records.setPosition(sent, position.partition(), position.offset());
            } else {
                failure.compareAndSet(null, e);
            }
            unacknowledged.decrementAndGet();
        });
        return sent;
    }

    /** Waits until Kafka has acknowledged all activities. */
    void await(Duration limit) throws InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        while (unacknowledged.get() > 0 && System.nanoTime() < deadline) {
            Thread.sleep(20);
        }
        if (unacknowledged.get() > 0 || failure.get() != null) {
            throw new IllegalStateException("the load could not be sent: " + unacknowledged + " unacknowledged",
                    failure.get());
        }
    }

    private SentActivity.Content content() {
        return random.nextInt(100) == 0
                ? SentActivity.Content.values()[1 + random.nextInt(SentActivity.Content.values().length - 1)]
                : SentActivity.Content.GOOD;
    }

    /** @param only whether it sends only activities of customers who are always in the bank, from now on */
    void onlySteadyCustomers(boolean only) {
        onlySteady = only;
    }

    private ChangingBank.Customer next() {
        if (onlySteady) {
            return any(bank.steady());
        }
        int chance = random.nextInt(100);
        if (chance < 5) {
            return early();
        } else if (chance < 8) {
            return any(bank.deletable());
        } else if (chance < 18) {
            return any(bank.changing());
        } else if (chance < 28 && !arrived.isEmpty()) {
            return any(arrived);
        }
        return any(bank.steady());
    }

    /** A customer who is not in the bank yet. */
    private ChangingBank.Customer early() {
        awaited.removeIf(customer -> {
            if (customer.isAwaited()) {
                return false;
            }
            if (arrived.size() < MAX_ARRIVED) {
                arrived.add(customer);
            } else {
                arrived.set(random.nextInt(MAX_ARRIVED), customer);
            }
            return true;
        });
        if (awaited.isEmpty() || random.nextBoolean()) {
            awaited.add(bank.newcomer(random));
            return awaited.get(awaited.size() - 1);
        }
        return any(awaited);
    }

    private ChangingBank.Customer any(List<ChangingBank.Customer> customers) {
        return customers.get(random.nextInt(customers.size()));
    }

    @Override
    public void close() {
        running = false;
        producer.close(Duration.ZERO);
    }
}
