package io.nextbestoffer.sandbox;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;

/**
 * Kafka with its topics, Postgres with both databases, and Debezium between them, with all data in one directory.
 */
public final class SandboxInfrastructure implements AutoCloseable {

    /**
     * @param kafkaPort 0 = a free one
     * @param postgresPort 0 = a free one
     * @param partitions number of partitions of every topic
     * @param sample whether the bank has its three sample customers and the service its sample offers
     * @param strategy the strategy whose offers are inserted, besides those of recommendations
     * @param schemas whether change events carry their schemas
     * @param avro whether changes and offers are in Avro, with a schema registry
     * @param directory for data and logs, or null for a temporary one that {@link #close()} deletes
     * @param tls whether broker, database and service accept TLS only, and the registry accepts TLS too
     */
    public record Options(int kafkaPort, int postgresPort, int partitions, boolean sample, String strategy,
            boolean schemas, boolean avro, boolean tls, Path directory) {

        public static Options defaults() {
            return new Options(0, 0, 6, false, "banking", false, false, false, null);
        }

        public Options withPorts(int kafka, int postgres) {
            return new Options(kafka, postgres, partitions, sample, strategy, schemas, avro, tls, directory);
        }

        public Options withPartitions(int count) {
            return new Options(kafkaPort, postgresPort, count, sample, strategy, schemas, avro, tls, directory);
        }

        public Options withSample() {
            return new Options(kafkaPort, postgresPort, partitions, true, strategy, schemas, avro, tls, directory);
        }

        public Options withStrategy(String name) {
            return new Options(kafkaPort, postgresPort, partitions, sample, name, schemas, avro, tls, directory);
        }

        public Options withSchemas() {
            return new Options(kafkaPort, postgresPort, partitions, sample, strategy, true, avro, tls, directory);
        }

        public Options withAvro() {
            return new Options(kafkaPort, postgresPort, partitions, sample, strategy, schemas, true, tls, directory);
        }

        public Options withTls(boolean yes) {
            return new Options(kafkaPort, postgresPort, partitions, sample, strategy, schemas, avro, yes, directory);
        }

        public Options withDirectory(Path path) {
            return new Options(kafkaPort, postgresPort, partitions, sample, strategy, schemas, avro, tls, path);
        }
    }

    private static final int SAMPLE_CUSTOMERS = 3;

    private final Path directory;
    private final boolean temporary;
    private final SandboxTls tls;
    private final SandboxKafka kafka;
    private final SandboxPostgres postgres;
    private final SandboxDebezium debezium;
    private final SandboxRegistry registry;

    private SandboxInfrastructure(Path directory, boolean temporary, SandboxTls tls, SandboxKafka kafka,
            SandboxPostgres postgres, SandboxDebezium debezium, SandboxRegistry registry) {
        this.directory = directory;
        this.temporary = temporary;
        this.tls = tls;
        this.kafka = kafka;
        this.postgres = postgres;
        this.debezium = debezium;
        this.registry = registry;
    }

    /** Starts everything. On return the topics exist and contain the sample customers, if any. */
    public static SandboxInfrastructure start(Options options) {
        boolean temporary = options.directory() == null;
        Path directory = temporary ? DirectoryCleaner.temporary() : DirectoryCleaner.create(options.directory());
        SandboxTls tls = options.tls() ? new SandboxTls(directory.resolve("tls").toAbsolutePath()) : null;
        Executor threads = task -> thread("sandbox-start", task).start();
        CompletableFuture<SandboxPostgres> postgres = CompletableFuture
                .supplyAsync(() -> startPostgres(options, directory, tls), threads);
        CompletableFuture<SandboxKafka> kafka = CompletableFuture.supplyAsync(() -> startKafka(options, directory, tls),
                threads);
        CompletableFuture<SandboxRegistry> registry = CompletableFuture.supplyAsync(() -> options.avro()
                ? SandboxRegistry.start(directory.resolve("registry"), logs(directory), tls)
                : null, threads);
        try {
            CompletableFuture.allOf(postgres, kafka, registry).join();
            SandboxDebezium debezium = new SandboxDebezium(kafka.join(), postgres.join(), directory.resolve("debezium"),
                    options.schemas(), registry.join());
            debezium.start();
            var infrastructure = new SandboxInfrastructure(directory, temporary, tls, kafka.join(),
                    postgres.join(), debezium, registry.join());
            if (options.sample()) {
                infrastructure.awaitSampleCustomers();
            }
            return infrastructure;
        } catch (CompletionException e) {
            registry.thenAccept(started -> {
                if (started != null) {
                    started.close();
                }
            }).exceptionally(alreadyFailed -> null).join();
            kafka.thenAccept(SandboxKafka::close).exceptionally(alreadyFailed -> null).join();
            postgres.thenAccept(SandboxPostgres::close).exceptionally(alreadyFailed -> null).join();
            if (temporary) {
                DirectoryCleaner.delete(directory);
            }
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }

    public SandboxKafka kafka() {
        return kafka;
    }

    public SandboxPostgres postgres() {
        return postgres;
    }

    public SandboxDebezium debezium() {
        return debezium;
    }

    /** Null unless records are in Avro. */
    public SandboxRegistry registry() {
        return registry;
    }

    /** Null without TLS. */
    public SandboxTls tls() {
        return tls;
    }

    /** Directory of the logs of Postgres and of the services. */
    public Path logs() {
        return logs(directory);
    }

    /** Configures a service to use this broker and database without tokens; contains no passwords. */
    public Map<String, String> serviceProperties() {
        String jdbcUrl = postgres.jdbcUrl("nbo");
        Map<String, String> properties = new HashMap<>(tls == null ? Map.of() : tls.serviceProperties());
        properties.put("nbo.security.enabled", "false");
        properties.put("kafka.bootstrap.servers", kafka.bootstrapServers());
        properties.put("quarkus.datasource.username", "nbo");
        properties.put("quarkus.datasource.jdbc.url", jdbcUrl);
        properties.put("quarkus.datasource.reactive.url", jdbcUrl.substring("jdbc:".length()).split("\\?")[0]);
        if (registry != null) {
            properties.putAll(registry.serviceProperties());
            properties.put("nbo.output.format", "avro");
        }
        return properties;
    }

    /**
     * Starts the packaged service against this broker and database without waiting until it is ready: see
     * {@link ServiceProcess#awaitReady(Duration)}.
     *
     * @param name name of its log file, without extension
     * @param httpPort 0 = a free one
     * @param managementPort 0 = a free one
     * @param properties additions to {@link #serviceProperties()}, which override them
     */
    public ServiceProcess startService(String name, int httpPort, int managementPort, Map<String, String> properties) {
        Map<String, String> all = new HashMap<>(serviceProperties());
        all.putAll(properties);
        Map<String, String> secrets = new HashMap<>(tls == null ? Map.of() : tls.serviceSecrets());
        secrets.put("QUARKUS_DATASOURCE_PASSWORD", "nbo");
        return ServiceProcess.start(all, secrets, FreePorts.orFree(httpPort), FreePorts.orFree(managementPort),
                logs().resolve(name + ".log"), tls);
    }

    /** Starts the packaged service with the given heap, on free ports. */
    public ServiceProcess startService(String name, String heap, Map<String, String> properties) {
        Map<String, String> all = new HashMap<>(serviceProperties());
        all.putAll(properties);
        return ServiceProcess.start(heap, all, Map.of("QUARKUS_DATASOURCE_PASSWORD", "nbo"),
                logs().resolve(name + ".log"));
    }

    @Override
    public void close() {
        try (registry; postgres; kafka; debezium) {
            // Closes Debezium first, then Kafka, Postgres and the registry, even if one of them fails.
        } finally {
            if (temporary) {
                DirectoryCleaner.delete(directory);
            }
        }
    }

    /**
     * Waits for the sample customers. Otherwise a service that starts faster than Debezium would park the first
     * activities.
     */
    private void awaitSampleCustomers() {
        long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        try {
            while (kafka.written(SandboxTopics.CUSTOMERS) < SAMPLE_CUSTOMERS) {
                if (System.nanoTime() > deadline) {
                    throw new IllegalStateException("Debezium did not deliver the sample customers");
                }
                Thread.sleep(100);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            close();
            throw new IllegalStateException("interrupted", e);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private static SandboxPostgres startPostgres(Options options, Path directory, SandboxTls tls) {
        SandboxPostgres postgres = new SandboxPostgres(options.postgresPort(), directory.resolve("postgres"),
                logs(directory), tls);
        try {
            postgres.start();
            postgres.prepare(options.sample(), options.strategy());
            return postgres;
        } catch (RuntimeException e) {
            postgres.close();
            throw e;
        }
    }

    private static SandboxKafka startKafka(Options options, Path directory, SandboxTls tls) {
        SandboxKafka kafka = new SandboxKafka(options.kafkaPort(), directory.resolve("kafka"), tls);
        try {
            kafka.start();
            for (String topic : new String[]{SandboxTopics.ACTIVITY, SandboxTopics.OFFERS, SandboxTopics.TRACES,
                    SandboxTopics.ACTIVITY_DEAD_LETTER,
                    SandboxTopics.CUSTOMERS_DEAD_LETTER, SandboxTopics.TRACES_DEAD_LETTER}) {
                kafka.createTopic(topic, options.partitions(), Map.of());
            }
            // Unlimited retention, but not compacted: a truncate has no key, and a compacted topic rejects that.
            kafka.createTopic(SandboxTopics.CUSTOMERS, options.partitions(), Map.of("retention.ms", "-1"));
            return kafka;
        } catch (RuntimeException e) {
            kafka.close();
            throw e;
        }
    }

    /**
     * A new thread with the class loader of this class. Kafka, Debezium and Flyway load classes by name with the
     * thread's context class loader, which in tests can be any or none.
     */
    static Thread thread(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setContextClassLoader(SandboxInfrastructure.class.getClassLoader());
        thread.setDaemon(true);
        return thread;
    }

    private static Path logs(Path directory) {
        return directory.resolve("logs");
    }
}
