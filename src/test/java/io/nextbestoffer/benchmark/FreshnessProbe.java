package io.nextbestoffer.benchmark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

import org.HdrHistogram.Histogram;

/**
 * Looks up a sample of offers from the moment at which they arrive until the look-up shows them, or a later offer of
 * the same customer.
 */
final class FreshnessProbe implements OfferLatencyReader.Listener, AutoCloseable {
    private static final Duration TIMEOUT = Duration.ofMinutes(1);
    private static final long LEAST_INTERVAL_NANOS = Duration.ofMillis(3).toNanos();
    private static final long MOST_INTERVAL_NANOS = Duration.ofMillis(250).toNanos();
    /** The interval of a sample's look-ups in relation to its age: the resolution of the measurement. */
    private static final int INTERVALS_PER_AGE = 20;

    /**
     * @param nanos time from the arrival of an offer until a look-up has shown it
     * @param lookUps duration of each look-up
     */
    record Measured(Histogram nanos, Histogram lookUps) {
    }

    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread daemon = new Thread(task, "freshness");
        daemon.setDaemon(true);
        return daemon;
    });
    // Without the executor, its callbacks would run in a pool of their own and compete with the load
    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).executor(thread)
            .connectTimeout(Duration.ofSeconds(5)).build();
    private final URI customers;
    private int stride;
    private Histogram nanos = new Histogram(3);
    private Histogram lookUps = new Histogram(3);
    private int pending;
    private RuntimeException failure;

    FreshnessProbe(int httpPort) {
        customers = URI.create("http://127.0.0.1:" + httpPort + "/customers/");
    }

    /** Starts a measurement of every offer whose activity id is a multiple of this number; 0 = no offer. */
    synchronized void sample(int every) {
        stride = every;
        nanos = new Histogram(3);
        lookUps = new Histogram(3);
    }

    /** Ends sampling, and waits until the look-ups have shown all offers of the sample. */
    synchronized Measured await() {
        stride = 0;
        try {
            while (pending > 0 && failure == null) {
                wait();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
        if (failure != null) {
            throw failure;
        }
        return new Measured(nanos, lookUps);
    }

    @Override
    public synchronized void received(int activity, byte[] customer, long now) {
        if (stride > 0 && activity % stride == 0 && failure == null) {
            pending++;
            lookUp(new Sample(activity, HttpRequest.newBuilder(
                    customers.resolve(new String(customer, StandardCharsets.UTF_8) + "/offer"))
                    .timeout(Duration.ofSeconds(10)).build(), now));
        }
    }

    private record Sample(int activity, HttpRequest request, long arrived) {
    }

    private void lookUp(Sample sample) {
        long sent = System.nanoTime();
        client.sendAsync(sample.request, HttpResponse.BodyHandlers.ofByteArray())
                .whenComplete((response, e) -> answered(sample, sent, response, e));
    }

    private synchronized void answered(Sample sample, long sent, HttpResponse<byte[]> response, Throwable e) {
        long now = System.nanoTime();
        lookUps.recordValue(now - sent);
        long age = now - sample.arrived;
        if (e != null) {
            failed(new IllegalStateException("could not look up an offer", e));
        } else if (shown(response) >= sample.activity) {
            nanos.recordValue(age);
            pending--;
            notifyAll();
        } else if (age > TIMEOUT.toNanos()) {
            failed(new OutputCheck.Failed("GET " + sample.request.uri().getPath() + " does not show the offer of"
                    + " activity " + sample.activity + " " + TIMEOUT + " after it was committed"));
        } else {
            long interval = Math.min(MOST_INTERVAL_NANOS, Math.max(LEAST_INTERVAL_NANOS, age / INTERVALS_PER_AGE));
            thread.schedule(() -> lookUp(sample), interval, TimeUnit.NANOSECONDS);
        }
    }

    /** The id of the activity whose offer is shown; -1 = there is none yet. */
    private int shown(HttpResponse<byte[]> response) {
        try {
            return switch (response.statusCode()) {
                case 200 -> OfferFields.read(response.body()).activity();
                case 404 -> -1;
                default -> {
                    failed(new IllegalStateException("a look-up returned " + response.statusCode()));
                    yield -1;
                }
            };
        } catch (IOException e) {
            failed(new UncheckedIOException(e));
            return -1;
        }
    }

    private synchronized void failed(RuntimeException e) {
        failure = e;
        notifyAll();
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
