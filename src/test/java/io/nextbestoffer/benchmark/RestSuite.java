package io.nextbestoffer.benchmark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

/** Measures look-ups of the latest offer, alone and while activities are decided. */
final class RestSuite {
    private static final String NAME = "rest";
    private static final int WARM_UP_SECONDS = 10;
    // Look-ups use all CPU they can get: activities may queue up, and are processed afterwards
    private static final Duration TIMEOUT = Duration.ofMinutes(5);
    private static final int SAMPLES = 1000;

    private final BenchmarkInfrastructure infrastructure;
    private final BenchmarkSettings settings;
    private final List<WrkLoad.Measured> alone = new ArrayList<>();
    private final List<Double> cpuMicros = new ArrayList<>();
    private final List<WrkLoad.Measured> beside = new ArrayList<>();
    private final List<OpenLoopLoad.Measured> decisions = new ArrayList<>();

    RestSuite(BenchmarkInfrastructure infrastructure, BenchmarkSettings settings) {
        this.infrastructure = infrastructure;
        this.settings = settings;
    }

    /** Runs the suite, and returns its results as Markdown. */
    String run() {
        DataSet data = DataSet.load(infrastructure, NAME, settings.customers(), settings.partitions(), 0);
        String topic = NAME + "-activities";
        String offers = NAME + "-offers";
        infrastructure.createTopics(data.partitions(), Map.of(), topic, topic + "-dead-letter", offers);
        GeneratedBank.Activities source = data.bank().activities(settings.customers());
        BenchmarkConsole.progress("deciding one activity of each customer");
        var everyone = IntStream.rangeClosed(1, settings.customers()).iterator();
        DataSet.send(infrastructure, topic, settings.customers(), () -> source.of(everyone.next()));
        try (ServiceContestant.Replicas service = new ServiceContestant(settings).start(infrastructure,
                new Contestant.Run(
                        NAME, topic, data.customersTopic(), offers, settings.heap(), Map.of()))) {
            ThroughputMeasurement.await(infrastructure, service, NAME, topic, settings.customers());
            verify(service, data.bank(), source);
            try (OfferLatencyReader watch = new OfferLatencyReader(infrastructure, offers);
                    OpenLoopLoad load = new OpenLoopLoad(infrastructure, topic, source, watch)) {
                for (int round = 1; round <= settings.rounds(); round++) {
                    alone(service, round);
                    besideDecisions(service, load, round);
                }
            }
            verify(service, data.bank(), source);
        }
        OutputCheck.read(infrastructure, data.bank().customers(), source.answers(), offers);
        data.delete(infrastructure);
        infrastructure.deleteTopicsOf(NAME + "-");
        return text();
    }

    private void alone(ServiceContestant.Replicas service, int round) {
        lookUp(service, warmUp());
        long pid = service.pids().get(0);
        double before = ResourceUsage.cpu(pid);
        WrkLoad.Measured measured = lookUp(service, settings.restSeconds());
        cpuMicros.add((ResourceUsage.cpu(pid) - before) / measured.requests() * 1e6);
        alone.add(measured);
        BenchmarkConsole.progress("round %d, alone: %,.0f requests/s, p50 %.1f, p99 %.1f, max %.1f ms", round,
                measured.perSecond(), measured.p50(), measured.p99(), measured.max());
    }

    private void besideDecisions(ServiceContestant.Replicas service, OpenLoopLoad load, int round) {
        ExecutorService thread = Executors.newSingleThreadExecutor(task -> {
            Thread daemon = new Thread(task, "load");
            daemon.setDaemon(true);
            return daemon;
        });
        try {
            Future<OpenLoopLoad.Measured> deciding = thread
                    .submit(() -> load.send(settings.restRate(), warmUp(), settings.restSeconds(), TIMEOUT));
            lookUp(service, warmUp());
            WrkLoad.Measured measured = lookUp(service, settings.restSeconds());
            beside.add(measured);
            OpenLoopLoad.Measured decided = deciding.get();
            decisions.add(decided);
            BenchmarkConsole.progress(
                    "round %d, beside %,d activities/s: %,.0f requests/s, p50 %.1f, p99 %.1f, max %.1f ms;"
                            + " decisions p50 %.1f, p99 %.1f, max %.1f ms (harness: delay p99 %.1f ms)",
                    round, settings.restRate(), measured.perSecond(), measured.p50(), measured.p99(), measured.max(),
                    millis(decided, 50), millis(decided, 99), millis(decided, 100),
                    OpenLoopLoad.Measured.millis(decided.late(), 99));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e.getCause());
        } finally {
            thread.shutdownNow();
        }
    }

    private WrkLoad.Measured lookUp(ServiceContestant.Replicas service, int seconds) {
        return WrkLoad.run(infrastructure, service.httpPort(), settings.customers(), seconds);
    }

    /** Checks that the answers for a sample of customers are their latest offers. */
    private void verify(ServiceContestant.Replicas service, GeneratedBank bank, GeneratedBank.Activities source) {
        ThroughputMeasurement.awaitCaughtUp(infrastructure, service, bank.customers(), source.answers());
        HttpClient client = HttpClient.newHttpClient();
        ObjectMapper json = new ObjectMapper();
        int[] last = source.answers().lastOfEach(bank.customers());
        int step = Math.max(1, bank.customers() / SAMPLES);
        for (int customer = 1; customer <= bank.customers(); customer += step) {
            URI uri = URI.create("http://127.0.0.1:" + service.httpPort() + "/customers/" + customer + "/offer");
            try {
                HttpResponse<byte[]> answer = client.send(HttpRequest.newBuilder(uri).build(),
                        HttpResponse.BodyHandlers.ofByteArray());
                JsonNode offer = json.readTree(answer.body());
                if (answer.statusCode() != 200 || offer.path("activity_id").asInt(-1) != last[customer]
                        || offer.path("offer_id").asInt(-1) != source.answers().offer(last[customer])) {
                    throw new OutputCheck.Failed("GET " + uri.getPath() + " does not return the latest offer");
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted", e);
            }
        }
    }

    private int warmUp() {
        return Math.min(WARM_UP_SECONDS, settings.restSeconds());
    }

    private String text() {
        MarkdownTable table = new MarkdownTable("", "alone", "beside decisions", "alone, each round",
                "beside decisions, each round");
        row(table, "look-ups/s", WrkLoad.Measured::perSecond);
        row(table, "look-ups, p50, ms", WrkLoad.Measured::p50);
        row(table, "look-ups, p99, ms", WrkLoad.Measured::p99);
        row(table, "look-ups, max, ms", WrkLoad.Measured::max);
        double[] cpu = cpuMicros.stream().mapToDouble(Double::doubleValue).toArray();
        table.row("CPU of the service per look-up, µs", MarkdownTable.middle(cpu), "", MarkdownTable.each(cpu), "");
        for (double percentile : new double[]{50, 99, 100}) {
            double[] each = decisions.stream().mapToDouble(one -> millis(one, percentile)).toArray();
            table.row("decisions, " + (percentile == 100 ? "max" : "p" + (int) percentile) + ", ms", "",
                    MarkdownTable.middle(each), "", MarkdownTable.each(each));
        }
        return String.format(Locale.ROOT, """
                ## Look-ups

                `GET /customers/{id}/offer` of random customers, out of %,d that all have a latest offer, by `wrk` \
                with 64 connections for %d s after a warm-up: first alone, then while %,d activities/s are decided. \
                The load is closed: each connection sends its next request after the response, so this is the \
                service at its limit, and the times include queueing. `wrk`, broker and Postgres run on the same \
                machine and take their share of the CPUs. "Decisions" is the time from the moment at which an \
                activity was due until a `read_committed` consumer received its offer, during the same seconds. One \
                replica, heap %s, %d %s: median and, in small print, each round. Every response was 2xx, and a \
                sample of customers had the offer of their last activity, before and after.

                %s""", settings.customers(), settings.restSeconds(), settings.restRate(), settings.heap(),
                settings.rounds(), settings.rounds() == 1 ? "round" : "rounds", table);
    }

    private void row(MarkdownTable table, String what, ToDoubleFunction<WrkLoad.Measured> value) {
        double[] first = alone.stream().mapToDouble(value).toArray();
        double[] second = beside.stream().mapToDouble(value).toArray();
        table.row(what, MarkdownTable.middle(first), MarkdownTable.middle(second), MarkdownTable.each(first),
                MarkdownTable.each(second));
    }

    private static double millis(OpenLoopLoad.Measured decided, double percentile) {
        return OpenLoopLoad.Measured.millis(decided.offers(), percentile);
    }
}
