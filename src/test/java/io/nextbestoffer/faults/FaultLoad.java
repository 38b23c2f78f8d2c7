package io.nextbestoffer.faults;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

import io.nextbestoffer.sandbox.SandboxKafka;
import io.nextbestoffer.sandbox.SandboxTopics;

/**
 * A steady load: of a hundred activities five come before their customer is in the bank, one is malformed, ten are of
 * customers whose profile changes, three of customers who are deleted; and the bank lives meanwhile.
 */
final class FaultLoad implements AutoCloseable {

    private static final int LATELY_COME = 2_000;

    private final ChangingBank bank;
    private final RecordLedger records;
    private final int perSecond;
    private final KafkaProducer<byte[], byte[]> producer;
    private final AtomicInteger onTheWay = new AtomicInteger();
    private final AtomicReference<Exception> failure = new AtomicReference<>();
    private final Random random = new Random(7);
    private final List<ChangingBank.Customer> waitedFor = new ArrayList<>();
    private final List<ChangingBank.Customer> come = new ArrayList<>();
    private volatile boolean running;
    private Thread thread;

    FaultLoad(ChangingBank bank, RecordLedger records, SandboxKafka kafka, int perSecond) {
        this.bank = bank;
        this.records = records;
        this.perSecond = perSecond;
        // Patient, for it must not fail itself when the broker is away
        producer = new KafkaProducer<>(Map.of("bootstrap.servers", kafka.bootstrapServers(), "acks", "all",
                "delivery.timeout.ms", 600_000, "max.block.ms", 600_000, "buffer.memory", 128L << 20, "linger.ms", 2),
                new ByteArraySerializer(), new ByteArraySerializer());
    }

    void start() {
        running = true;
        thread = new Thread(this::run, "load");
        thread.start();
    }

    /** Ends; when it returns, all that was sent is in Kafka, and all who were announced have come to the bank. */
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
        long start = System.nanoTime();
        for (long i = 0; running; i++) {
            send(next(), content());
            bank.live(random);
            LockSupport.parkNanos(start + i * 1_000_000_000L / perSecond - System.nanoTime());
        }
    }

    /** One more of this customer. */
    SentActivity send(ChangingBank.Customer customer) {
        return send(customer, SentActivity.Content.GOOD);
    }

    private SentActivity send(ChangingBank.Customer customer, SentActivity.Content content) {
        SentActivity sent = records.add(customer, content);
        onTheWay.incrementAndGet();
        producer.send(new ProducerRecord<>(SandboxTopics.ACTIVITY, sent.key(), sent.value()), (position, e) -> {
            if (e == null) {
                records.stands(sent, position.partition(), position.offset());
            } else {
                failure.compareAndSet(null, e);
            }
            onTheWay.decrementAndGet();
        });
        return sent;
    }

    /** Waits until Kafka has all. */
    void await(Duration limit) throws InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        while (onTheWay.get() > 0 && System.nanoTime() < deadline) {
            Thread.sleep(20);
        }
        if (onTheWay.get() > 0 || failure.get() != null) {
            throw new IllegalStateException("the load could not be sent: " + onTheWay + " on the way", failure.get());
        }
    }

    private SentActivity.Content content() {
        return random.nextInt(100) == 0
                ? SentActivity.Content.values()[1 + random.nextInt(SentActivity.Content.values().length - 1)]
                : SentActivity.Content.GOOD;
    }

    private ChangingBank.Customer next() {
        int chance = random.nextInt(100);
        if (chance < 5) {
            return early();
        } else if (chance < 8) {
            return any(bank.mortal());
        } else if (chance < 18) {
            return any(bank.changing());
        } else if (chance < 28 && !come.isEmpty()) {
            return any(come);
        }
        return any(bank.steady());
    }

    /** Somebody who is not in the bank yet. */
    private ChangingBank.Customer early() {
        waitedFor.removeIf(customer -> {
            if (customer.isWaitedFor()) {
                return false;
            }
            if (come.size() < LATELY_COME) {
                come.add(customer);
            } else {
                come.set(random.nextInt(LATELY_COME), customer);
            }
            return true;
        });
        if (waitedFor.isEmpty() || random.nextBoolean()) {
            waitedFor.add(bank.newcomer(random));
            return waitedFor.get(waitedFor.size() - 1);
        }
        return any(waitedFor);
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
