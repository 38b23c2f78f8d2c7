package io.nextbestoffer.kafka.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.nextbestoffer.sandbox.SandboxInfrastructure;
import io.nextbestoffer.sandbox.SandboxResource;
import io.nextbestoffer.sandbox.SandboxResource.FromSandbox;
import io.nextbestoffer.sandbox.TestTraffic;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusIntegrationTest;
import io.smallrye.mutiny.Uni;

/** Keeps views of a topic of three partitions up to date, with a real broker; the test stands in for the database. */
@QuarkusIntegrationTest
@WithTestResource(SandboxResource.class)
class TopicViewUpdaterIT {

    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    @FromSandbox
    SandboxInfrastructure sandbox;

    @FromSandbox
    TestTraffic traffic;

    private final String topic = "view-" + UUID.randomUUID();
    private final Timer lag = new SimpleMeterRegistry().timer("lag");

    /** Stores numbers, or refuses to. */
    private static final class Numbers implements TopicView {

        private final List<Integer> gathered = new ArrayList<>();
        private final List<Integer> stored = new CopyOnWriteArrayList<>();
        private volatile int added;
        private volatile boolean refuses;

        @Override
        public void add(ConsumerRecord<byte[], byte[]> record) {
            gathered.add(Integer.valueOf(new String(record.value())));
            added++;
        }

        @Override
        public boolean isFull() {
            return gathered.size() >= 1_000;
        }

        @Override
        public Uni<Void> store() {
            return Uni.createFrom().voidItem().invoke(() -> {
                if (refuses) {
                    throw new IllegalStateException("the database does not respond");
                }
                stored.addAll(gathered);
                gathered.clear();
            });
        }
    }

    @BeforeEach
    void createTopic() {
        sandbox.kafka().createTopic(topic, 3, Map.of());
    }

    private TopicViewUpdater updater(String group, Numbers view) {
        return new TopicViewUpdater(sandbox.kafka().client(), topic, group, group + "-" + UUID.randomUUID(), view,
                () -> false, lag);
    }

    private void send(int from, int to) {
        IntStream.range(from, to).forEach(number -> traffic.sendTo(topic, number % 3, Integer.toString(number)));
    }

    private static Integer[] numbers(int from, int to) {
        return IntStream.range(from, to).boxed().toArray(Integer[]::new);
    }

    private static void awaitStored(Numbers view, Integer... numbers) {
        await().atMost(TIMEOUT).untilAsserted(() -> assertThat(view.stored).contains(numbers));
    }

    @Test
    void continuesAfterTheRecordsThatAreStored() {
        var first = new Numbers();
        send(0, 20);
        try (var updater = updater(topic, first)) {
            awaitStored(first, numbers(0, 20));
            send(20, 40);
            awaitStored(first, numbers(20, 40));
        }
        assertThat(first.stored).as("once, without a failure").hasSize(40);
        send(40, 60);

        var second = new Numbers();
        try (var updater = updater(topic, second)) {
            awaitStored(second, numbers(40, 60));
        }
        assertThat(second.stored).containsExactlyInAnyOrder(numbers(40, 60));
        assertThat(lag.count()).isPositive();
    }

    @Test
    void storesEverythingAgainFromTheBeginning() {
        send(0, 20);
        for (String group : List.of(topic + "-a", topic + "-b")) {
            var view = new Numbers();
            try (var updater = updater(group, view)) {
                awaitStored(view, numbers(0, 20));
            }
            assertThat(view.stored).containsExactlyInAnyOrder(numbers(0, 20));
        }
    }

    @Test
    void keepsRecordsThatCannotBeStoredAndPollsNoOthers() {
        var view = new Numbers();
        try (var updater = updater(topic, view)) {
            send(0, 10);
            awaitStored(view, numbers(0, 10));

            view.refuses = true;
            send(10, 20);
            await().atMost(TIMEOUT).until(() -> view.added > 10);
            await().pollDelay(Duration.ofMillis(500)).until(() -> true);
            int added = view.added;
            send(20, 60);
            await().pollDelay(Duration.ofSeconds(2)).until(() -> true);
            assertThat(view.added).as("nothing is gathered meanwhile").isEqualTo(added);
            assertThat(view.stored).hasSize(10);

            view.refuses = false;
            awaitStored(view, numbers(10, 60));
        }
        assertThat(view.stored).as("once, because nothing is lost and nothing read again").hasSize(60);
        assertThat(lag.max(TimeUnit.MILLISECONDS)).as("grows while nothing is stored")
                .isGreaterThan(2_000);
    }

    @Test
    void sharesPartitionsWithAnotherReplicaAndTakesThemOver() {
        var first = new Numbers();
        var second = new Numbers();
        try (var one = updater(topic, first)) {
            send(0, 9);
            awaitStored(first, numbers(0, 9));
            try (var other = updater(topic, second)) {
                // Once both have partitions, each stores some
                int[] sent = {9};
                await().atMost(TIMEOUT).until(() -> {
                    send(sent[0], sent[0] += 9);
                    return !second.stored.isEmpty();
                });
                send(sent[0], sent[0] + 30);
                await().atMost(TIMEOUT).untilAsserted(() -> {
                    var all = new ArrayList<>(first.stored);
                    all.addAll(second.stored);
                    assertThat(all).contains(numbers(0, sent[0] + 30));
                });
            }
            send(9_000, 9_030);
            awaitStored(first, numbers(9_000, 9_030));
        }
    }
}
