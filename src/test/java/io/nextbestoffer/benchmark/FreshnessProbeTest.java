package io.nextbestoffer.benchmark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;

@Timeout(30)
class FreshnessProbeTest {
    private static final byte[] CUSTOMER = "7".getBytes(StandardCharsets.UTF_8);

    private final AtomicInteger lookUps = new AtomicInteger();
    private HttpServer server;
    private FreshnessProbe probe;
    private volatile int shownAfter;
    private volatile int status = 200;
    private volatile int activity;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/customers/7/offer", this::answer);
        server.start();
        probe = new FreshnessProbe(server.getAddress().getPort());
    }

    @AfterEach
    void stop() {
        probe.close();
        server.stop(0);
    }

    /** Answers 404 until there is an offer. */
    private void answer(HttpExchange exchange) throws IOException {
        boolean shown = lookUps.incrementAndGet() > shownAfter;
        byte[] body = ("{\"activity_id\":" + activity + "}").getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(shown ? status : 404, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    @Test
    void looksUpAnOfferUntilItIsShown() {
        activity = 20;
        shownAfter = 3;
        probe.sample(10);
        long arrived = System.nanoTime();

        probe.received(20, CUSTOMER, arrived);
        FreshnessProbe.Measured measured = probe.await();

        assertThat(measured.lookUps().getTotalCount()).isEqualTo(4);
        assertThat(measured.nanos().getTotalCount()).isEqualTo(1);
        assertThat(measured.nanos().getMaxValue()).isBetween(3 * 3_000_000L, System.nanoTime() - arrived + 10_000_000);
    }

    @Test
    void acceptsALaterOfferOfTheCustomer() {
        activity = 21;
        probe.sample(10);

        probe.received(20, CUSTOMER, System.nanoTime());

        assertThat(probe.await().lookUps().getTotalCount()).isEqualTo(1);
    }

    @Test
    void waitsWhileAnEarlierOfferIsShown() throws InterruptedException {
        activity = 19;
        probe.sample(10);
        probe.received(20, CUSTOMER, System.nanoTime());
        while (lookUps.get() < 5) {
            Thread.sleep(1);
        }
        activity = 20;

        assertThat(probe.await().lookUps().getTotalCount()).isGreaterThan(5);
    }

    @Test
    void looksUpTheSampleOnly() {
        activity = 30;
        probe.received(0, CUSTOMER, System.nanoTime());
        probe.sample(10);
        for (int i = 1; i <= 25; i++) {
            probe.received(i, CUSTOMER, System.nanoTime());
        }

        assertThat(probe.await().nanos().getTotalCount()).isEqualTo(2);
        probe.received(30, CUSTOMER, System.nanoTime());
        assertThat(lookUps).hasValue(2);
    }

    @Test
    void reportsOtherAnswers() {
        status = 500;
        probe.sample(1);

        probe.received(20, CUSTOMER, System.nanoTime());

        assertThatThrownBy(probe::await).hasMessage("a look-up returned 500");
    }
}
