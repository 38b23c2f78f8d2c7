package io.nextbestoffer.benchmark;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.stream.Collectors;

import io.nextbestoffer.sandbox.ServiceProcess;
import io.nextbestoffer.sandbox.ServiceProcess.Artifact;

/**
 * The packaged service with a separate database. It has its default settings, except that it requires no tokens, that
 * its rate limit is never reached, and that its start waits up to two hours until it has read the existing customers,
 * for which Kafka Streams waits too.
 */
final class ServiceContestant implements Contestant {
    // A replica is ready only when it has read all customers
    private static final Duration READY_TIMEOUT = Duration.ofHours(1);

    private static final String GROUPS = "nbo.groups.";
    private static final Set<String> OTHER_GROUPS = Set.of(GROUPS + "activities", GROUPS + "customers");

    private final Artifact artifact;
    private final int replicas;
    private final Map<String, String> settings;

    ServiceContestant(BenchmarkSettings settings) {
        this(1, settings);
    }

    ServiceContestant(int replicas, BenchmarkSettings settings) {
        this(Artifact.last(), replicas, settings);
    }

    ServiceContestant(Artifact artifact, int replicas, BenchmarkSettings settings) {
        this.artifact = artifact;
        this.replicas = replicas;
        this.settings = settings.properties();
    }

    @Override
    public String name() {
        return "service";
    }

    @Override
    public String id() {
        return "service";
    }

    @Override
    public Replicas start(BenchmarkInfrastructure infrastructure, Run run) {
        return infrastructure.start(() -> {
            String traces = traces(run);
            Replicas started = new Replicas(infrastructure, run.name().replace('-', '_'),
                    () -> new ViewLag(infrastructure, traces, Set.copyOf(viewGroups(run).values())));
            try {
                infrastructure.createTopics(infrastructure.partitions(run.offersTopic()), Map.of(), traces,
                        traces + "-dead-letter");
                started.jdbcUrl = infrastructure.postgres().createDatabase(started.database);
                started.starting = number -> replica(infrastructure, run, started.jdbcUrl, number);
                for (int number = 1; number <= replicas; number++) {
                    started.processes.add(started.starting.apply(number));
                }
                return started;
            } catch (RuntimeException e) {
                started.close();
                throw e;
            }
        });
    }

    /** Topic of decision traces. Its name has the prefix of the run, so it is deleted with the topics of the run. */
    private static String traces(Run run) {
        return run.offersTopic() + "-traces";
    }

    /** The groups that build views from the decisions, by their properties. */
    private static Map<String, String> viewGroups(Run run) {
        try (InputStream names = ServiceContestant.class.getResourceAsStream("/nbo-properties.txt")) {
            return new String(names.readAllBytes(), StandardCharsets.UTF_8).lines()
                    .filter(name -> name.startsWith(GROUPS) && !OTHER_GROUPS.contains(name))
                    .collect(
                            Collectors.toMap(name -> name, name -> run.name() + "-" + name.substring(GROUPS.length())));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private ServiceProcess replica(BenchmarkInfrastructure infrastructure, Run run, String jdbcUrl, int number) {
        Map<String, String> properties = new HashMap<>();
        properties.put("kafka.bootstrap.servers", infrastructure.kafka().bootstrapServers());
        properties.put("quarkus.datasource.username", "nbo");
        properties.put("quarkus.datasource.jdbc.url", jdbcUrl);
        properties.put("quarkus.datasource.reactive.url", jdbcUrl.substring("jdbc:".length()));
        properties.put("nbo.topics.activities", run.activitiesTopic());
        properties.put("nbo.topics.customers", run.customersTopic());
        properties.put("nbo.topics.offers", run.offersTopic());
        properties.put("nbo.topics.traces", traces(run));
        properties.put("nbo.groups.activities", run.name());
        properties.put("nbo.groups.customers", run.name() + "-customers");
        properties.putAll(viewGroups(run));
        properties.put("nbo.stream.instance", run.name() + "-" + number);
        properties.put("nbo.customers.catch-up", "PT2H");
        properties.put("nbo.security.enabled", "false");
        // The whole load comes from one client, so the limiter counts as in production but rejects nothing
        properties.put("nbo.http.rate-limit.per-second", "1000000");
        properties.putAll(settings);
        properties.putAll(run.settings());
        return ServiceProcess.start(artifact, run.heap(), properties, Map.of("QUARKUS_DATASOURCE_PASSWORD", "nbo"),
                infrastructure.logs().resolve(run.name() + "-" + number + ".log"));
    }

    /** Replicas that share a database. */
    static final class Replicas implements Running {
        private final BenchmarkInfrastructure infrastructure;
        private final String database;
        private final List<ServiceProcess> processes = new CopyOnWriteArrayList<>();
        private final Supplier<ViewLag> views;
        private String jdbcUrl;
        private IntFunction<ServiceProcess> starting;
        private boolean ended;

        private Replicas(BenchmarkInfrastructure infrastructure, String database, Supplier<ViewLag> views) {
            this.infrastructure = infrastructure;
            this.database = database;
            this.views = views;
        }

        @Override
        public List<Long> pids() {
            return processes.stream().map(ServiceProcess::pid).toList();
        }

        /** Waits until all replicas are ready. */
        void awaitReady(Duration limit) {
            processes.forEach(process -> process.awaitReady(limit));
        }

        /** Waits for the readiness probe of all replicas. */
        @Override
        public void awaitReady(Runnable firstOutput) {
            awaitReady(READY_TIMEOUT);
        }

        @Override
        public BooleanSupplier catchUp() {
            return views.get()::isZero;
        }

        @Override
        public Optional<String> latestOffers() {
            return Optional.of(jdbcUrl);
        }

        /** Ends the processes, and keeps their database. */
        void stop() {
            processes.forEach(ServiceProcess::stop);
        }

        /** Starts the first replica again, after {@link #stop}. */
        synchronized ServiceProcess restart() {
            if (ended) {
                throw new IllegalStateException("the benchmark is ending");
            }
            processes.set(0, starting.apply(1));
            return processes.get(0);
        }

        /** HTTP port of the first replica. */
        int httpPort() {
            return processes.get(0).httpPort();
        }

        @Override
        public boolean isAlive() {
            return processes.stream().allMatch(process -> process.exitCode().isEmpty());
        }

        @Override
        public String logTail() {
            return processes.stream().map(ServiceProcess::logTail).collect(Collectors.joining("\n\n"));
        }

        @Override
        public void close() {
            end();
            infrastructure.remove(this);
        }

        /** Ends the replicas once: a second caller waits until the first is done. */
        private synchronized void end() {
            if (!ended) {
                ended = true;
                processes.forEach(ServiceProcess::stop);
                infrastructure.postgres().dropDatabase(database);
            }
        }
    }
}
