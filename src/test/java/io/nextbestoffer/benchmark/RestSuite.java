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

/** Look-ups of the latest offer, alone and while activities are decided. */
final class RestSuite {
    private static final String NAME = "rest";
    private static final int WARM_UP_SECONDS = 10;
    // Look-ups take what CPU they get: activities may pile up, and are worked off after
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final int SAMPLES = 1000;

    private final Infrastructure infrastructure;
    private final BenchmarkSettings settings;
    private final List<Wrk.Measured> alone = new ArrayList<>();
    private final List<Double> cpuMicros = new ArrayList<>();
    private final List<Wrk.Measured> beside = new ArrayList<>();
    private final List<SteadyLoad.Measured> decisions = new ArrayList<>();

    RestSuite(Infrastructure infrastructure, BenchmarkSettings settings) {
        this.infrastructure = infrastructure;
        this.settings = settings;
    }

    /** @return what it measured, as Markdown */
    String run() {
        DataSet data = DataSet.load(infrastructure, NAME, settings.customers(), settings.partitions(), 0);
        String topic = NAME + "-activities";
        String offers = NAME + "-offers";
        infrastructure.createTopics(data.partitions(), Map.of(), topic, topic + "-dead-letter", offers);
        Bank.Activities source = data.bank().activities(settings.customers());
        Console.progress("deciding one activity of each customer");
        var everyone = IntStream.rangeClosed(1, settings.customers()).iterator();
        DataSet.send(infrastructure, topic, settings.customers(), () -> source.of(everyone.next()));
        try (ServiceContestant.Replicas service = new ServiceContestant(settings).start(infrastructure,
                new Contestant.Run(
                        NAME, topic, data.customersTopic(), offers, settings.heap(), Map.of()))) {
            Throughput.await(infrastructure, service, NAME, topic, settings.customers());
            verify(service, data.bank(), source);
            try (OfferWatch watch = new OfferWatch(infrastructure, offers);
                    SteadyLoad load = new SteadyLoad(infrastructure, topic, source, watch)) {
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
        double before = Usage.cpu(pid);
        Wrk.Measured measured = lookUp(service, settings.restSeconds());
        cpuMicros.add((Usage.cpu(pid) - before) / measured.requests() * 1e6);
        alone.add(measured);
        Console.progress("round %d, alone: %,.0f requests/s, p50 %.1f, p99 %.1f, max %.1f ms", round,
                measured.perSecond(), measured.p50(), measured.p99(), measured.max());
    }

    private void besideDecisions(ServiceContestant.Replicas service, SteadyLoad load, int round) {
        ExecutorService thread = Executors.newSingleThreadExecutor(task -> {
            Thread daemon = new Thread(task, "load");
            daemon.setDaemon(true);
            return daemon;
        });
        try {
            Future<SteadyLoad.Measured> deciding = thread
                    .submit(() -> load.send(settings.restRate(), warmUp(), settings.restSeconds(), PATIENCE));
            lookUp(service, warmUp());
            Wrk.Measured measured = lookUp(service, settings.restSeconds());
            beside.add(measured);
            SteadyLoad.Measured decided = deciding.get();
            decisions.add(decided);
            Console.progress(
                    "round %d, beside %,d activities/s: %,.0f requests/s, p50 %.1f, p99 %.1f, max %.1f ms;"
                            + " decisions p50 %.1f, p99 %.1f, max %.1f ms (harness: late p99 %.1f ms)",
                    round, settings.restRate(), measured.perSecond(), measured.p50(), measured.p99(), measured.max(),
                    millis(decided, 50), millis(decided, 99), millis(decided, 100),
                    SteadyLoad.Measured.millis(decided.late(), 99));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e.getCause());
        } finally {
            thread.shutdownNow();
        }
    }

    private Wrk.Measured lookUp(ServiceContestant.Replicas service, int seconds) {
        return Wrk.run(infrastructure, service.httpPort(), settings.customers(), seconds);
    }

    /** Whether the answers are the latest offers, of some customers all over the bank. */
    private void verify(ServiceContestant.Replicas service, Bank bank, Bank.Activities source) {
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
                    throw new OutputCheck.Failed("GET " + uri.getPath() + " does not answer with the latest offer");
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
        Table table = new Table("", "alone", "beside decisions", "alone, each round", "beside decisions, each round");
        row(table, "look-ups/s", Wrk.Measured::perSecond);
        row(table, "look-ups, p50, ms", Wrk.Measured::p50);
        row(table, "look-ups, p99, ms", Wrk.Measured::p99);
        row(table, "look-ups, max, ms", Wrk.Measured::max);
        double[] cpu = cpuMicros.stream().mapToDouble(Double::doubleValue).toArray();
        table.row("CPU of the service per look-up, µs", Table.middle(cpu), "", Table.each(cpu), "");
        for (double percentile : new double[]{50, 99, 100}) {
            double[] each = decisions.stream().mapToDouble(one -> millis(one, percentile)).toArray();
            table.row("decisions, " + (percentile == 100 ? "max" : "p" + (int) percentile) + ", ms", "",
                    Table.middle(each), "", Table.each(each));
        }
        return String.format(Locale.ROOT, """
                ## Look-ups

                `GET /customers/{id}/offer` of random customers, out of %,d that all have a latest offer, by `wrk` \
                with 64 connections for %d s after a warm-up: first alone, then while %,d activities/s are decided. \
                The load is closed: each connection asks again when it has its answer, so this is the service at its \
                limit, and its times are those of a queue. `wrk` runs on the same machine and takes its share of the \
                CPUs; so do broker and Postgres. "Decisions" is the time from when an activity was due until a \
                `read_committed` reader had its offer, in the same seconds. One replica, heap %s, %d %s: median and, \
                in small print, each round. Every answer was 2xx, and a sample of customers had the offer of their \
                last activity, before and after.

                %s""", settings.customers(), settings.restSeconds(), settings.restRate(), settings.heap(),
                settings.rounds(), settings.rounds() == 1 ? "round" : "rounds", table);
    }

    private void row(Table table, String what, ToDoubleFunction<Wrk.Measured> value) {
        double[] first = alone.stream().mapToDouble(value).toArray();
        double[] second = beside.stream().mapToDouble(value).toArray();
        table.row(what, Table.middle(first), Table.middle(second), Table.each(first), Table.each(second));
    }

    private static double millis(SteadyLoad.Measured decided, double percentile) {
        return SteadyLoad.Measured.millis(decided.offers(), percentile);
    }
}
