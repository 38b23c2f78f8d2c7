package io.nextbestoffer.faults;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;

import com.fasterxml.jackson.databind.JsonNode;

import io.nextbestoffer.sandbox.TestTraffic;

/**
 * Looks up offers continuously, like a call centre, and keeps the answers for comparison. A wrong answer is always a
 * violation; a failed look-up is one unless the process is starting or has ended.
 */
final class LookupLoad implements AutoCloseable {

    private static final Duration TIMEOUT = Duration.ofSeconds(20);
    private static final int WATCHED = 30;

    private record Answer(ChangingBank.Customer customer, int activity, UUID decisionId) {
    }

    /**
     * @param unavailable look-ups answered with 503
     * @param refused look-ups of a process that was not up
     */
    record Counts(int answered, int unavailable, int refused) {
    }

    private final ChangingBank bank;
    private final RecordLedger records;
    private final List<ReplicaProcess> replicas;
    private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(TIMEOUT).build();
    private final Random random = new Random(11);
    private final Thread lookups = new Thread(this::lookUp, "lookups");
    private final Thread probes = new Thread(this::probe, "probes");
    private final Map<Integer, Integer> newestActivities = new HashMap<>();
    private List<Answer> answers = new ArrayList<>();
    private int answered;
    private int unavailable;
    private int refused;
    private volatile boolean closed;

    /** @param replicas the replicas to query; the list may grow */
    LookupLoad(ChangingBank bank, RecordLedger records, List<ReplicaProcess> replicas) {
        this.bank = bank;
        this.records = records;
        this.replicas = replicas;
        lookups.start();
        probes.start();
    }

    private void probe() {
        while (!closed) {
            replicas.forEach(ReplicaProcess::checkReadiness);
            pause(200);
        }
    }

    private void lookUp() {
        while (!closed) {
            for (ReplicaProcess replica : replicas) {
                if (replica.state() != ReplicaProcess.State.ENDED) {
                    ask(replica, next());
                }
            }
            pause(50);
        }
    }

    /** Returns one of mostly the same few customers, so that answers can be compared with earlier ones. */
    private ChangingBank.Customer next() {
        int chance = random.nextInt(10);
        List<ChangingBank.Customer> from = chance < 7 ? bank.steady() : chance < 8 ? bank.changing() : bank.deletable();
        return from.get(random.nextInt(Math.min(WATCHED, from.size())));
    }

    private void ask(ReplicaProcess replica, ChangingBank.Customer customer) {
        ReplicaProcess.State before = replica.state();
        URI uri = URI.create("http://127.0.0.1:" + replica.httpPort() + "/customers/" + customer.id + "/offer");
        try {
            HttpResponse<String> response = http.send(HttpRequest.newBuilder(uri).timeout(TIMEOUT).build(),
                    HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
            answer(customer, response.statusCode(), response.body());
        } catch (IOException e) {
            if (before == ReplicaProcess.State.UP && replica.state() == ReplicaProcess.State.UP) {
                records.violation("no answer to a look-up although the service was up: %s", e);
            }
            count(() -> refused++);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void answer(ChangingBank.Customer customer, int status, String body) {
        answered++;
        switch (status) {
            case 200 -> {
                JsonNode offer = TestTraffic.json(body.getBytes(StandardCharsets.UTF_8));
                int activity = offer.path("activity_id").asInt(-1);
                answers.add(new Answer(customer, activity, UUID.fromString(offer.path("decision_id").asText())));
                Integer before = newestActivities.put(customer.id, activity);
                if (before != null && before > activity && !customer.everDeleted) {
                    records.violation("a look-up went back from activity %d to %d", before, activity);
                }
            }
            case 404 -> {
                if (newestActivities.containsKey(customer.id) && !customer.everDeleted) {
                    records.violation("a look-up lost the offer of customer %d: %s", customer.id, body);
                }
            }
            case 503 -> unavailable++;
            default -> records.violation("a look-up was answered %d: %s", status, body);
        }
    }

    /** Compares the answers with the topic. To be called when all activities have an outcome. */
    synchronized void match() {
        for (Answer one : answers) {
            SentActivity sent = records.get(one.activity());
            if (sent == null || sent.customer != one.customer() || !one.decisionId().equals(sent.decisionId)) {
                records.violation("a look-up of customer %d returned an offer that is not on the topic: %s",
                        one.customer().id, sent);
            }
        }
        answers = new ArrayList<>();
    }

    /** Counts since the last call. */
    synchronized Counts takeCounts() {
        Counts taken = new Counts(answered, unavailable, refused);
        answered = 0;
        unavailable = 0;
        refused = 0;
        return taken;
    }

    private synchronized void count(Runnable one) {
        one.run();
    }

    private static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() throws InterruptedException {
        closed = true;
        lookups.interrupt();
        lookups.join();
        probes.join();
    }
}
