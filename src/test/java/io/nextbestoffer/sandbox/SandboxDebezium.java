package io.nextbestoffer.sandbox;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jboss.logging.Logger;

import io.debezium.engine.ChangeEvent;
import io.debezium.engine.DebeziumEngine;
import io.debezium.engine.DebeziumEngine.RecordCommitter;
import io.debezium.engine.Header;
import io.debezium.engine.format.Avro;
import io.debezium.engine.format.Json;
import io.debezium.engine.format.JsonByteArray;
import io.debezium.engine.format.KeyValueHeaderChangeEventFormat;
import io.debezium.engine.format.SerializationFormat;

/**
 * Debezium's Postgres connector, which writes changes of the bank's customers to Kafka as Kafka Connect would. After
 * {@link #stop()}, {@link #start()} continues at the stored position.
 */
public final class SandboxDebezium implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(SandboxDebezium.class);
    private static final long RESTART_MS = 500;
    private static final String SLOT = "nbo_sandbox";

    private final SandboxKafka kafka;
    private final SandboxPostgres postgres;
    private final Path directory;
    private final boolean schemas;
    private final SandboxRegistry registry;
    private Thread thread;
    private volatile boolean stopping;
    private volatile DebeziumEngine<ChangeEvent<byte[], byte[]>> engine;

    /**
     * @param schemas whether each key and value carries its schema (Connect's {@code schemas.enable})
     * @param registry for Avro; null for JSON
     */
    SandboxDebezium(SandboxKafka kafka, SandboxPostgres postgres, Path directory, boolean schemas,
            SandboxRegistry registry) {
        this.kafka = kafka;
        this.postgres = postgres;
        this.directory = DirectoryCleaner.create(directory);
        this.schemas = schemas;
        this.registry = registry;
    }

    /** Starts the connector, and returns at once; the snapshot arrives later. */
    public synchronized void start() {
        if (thread != null) {
            return;
        }
        stopping = false;
        thread = SandboxInfrastructure.thread("sandbox-debezium", this::run);
        thread.start();
    }

    public synchronized void stop() {
        if (thread == null) {
            return;
        }
        stopping = true;
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        try {
            while (thread.isAlive() && System.nanoTime() < deadline) {
                closeEngine();
                thread.join(100);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (thread.isAlive()) {
            thread.interrupt();
        }
        thread = null;
    }

    /**
     * Deletes the stored position and drops the replication slot, as a failover without the slot does, so that the next
     * start takes a new snapshot. The connector must be stopped.
     */
    public synchronized void loseSlot() throws SQLException {
        if (thread != null) {
            throw new IllegalStateException("stop it first");
        }
        try (Connection bank = postgres.connect("bank", "debezium", "debezium");
                Statement statement = bank.createStatement()) {
            awaitInactiveSlot(statement);
            statement.execute("select pg_drop_replication_slot('" + SLOT + "')");
            Files.deleteIfExists(offsets());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Postgres notices only a little later that the connector has closed its connection. */
    private static void awaitInactiveSlot(Statement statement) throws SQLException {
        statement.execute("""
                do $$ begin
                    for attempt in 1..300 loop
                        exit when not exists (select from pg_replication_slots where slot_name = '%s' and active);
                        perform pg_sleep(0.1);
                    end loop;
                end $$""".formatted(SLOT));
    }

    private Path offsets() {
        return directory.resolve("offsets.dat");
    }

    @Override
    public void close() {
        stop();
        DirectoryCleaner.delete(directory);
    }

    private void closeEngine() {
        DebeziumEngine<?> current = engine;
        if (current == null) {
            return;
        }
        try {
            current.close();
        } catch (IllegalStateException e) {
            LOG.debug("could not close the engine while it is starting or stopping", e);
        } catch (IOException e) {
            LOG.warn("could not close the engine", e);
        }
    }

    private void run() {
        while (!stopping) {
            // The engine ends when Postgres or Kafka is down for long; Kafka Connect would restart it too.
            try (var producer = new KafkaProducer<>(producerConfig(), new ByteArraySerializer(),
                    new ByteArraySerializer())) {
                engine = DebeziumEngine
                        .create(KeyValueHeaderChangeEventFormat.of(format(), format(), Json.class))
                        .using(connectorConfig()).using(SandboxDebezium.class.getClassLoader())
                        .using((success, message, error) -> {
                            if (!success && !stopping) {
                                LOG.warn(message, error);
                            }
                        })
                        .notifying((changes, committer) -> write(changes, committer, producer)).build();
                if (!stopping) {
                    engine.run();
                }
                if (!stopping) {
                    Thread.sleep(RESTART_MS);
                }
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException e) {
                LOG.warn("Debezium failed", e);
            } finally {
                engine = null;
            }
        }
    }

    /** Marks a change as processed only after Kafka has acknowledged it, so that a crash repeats but never loses it. */
    private void write(List<ChangeEvent<byte[], byte[]>> changes,
            RecordCommitter<ChangeEvent<byte[], byte[]>> committer,
            KafkaProducer<byte[], byte[]> producer) throws InterruptedException {
        List<Future<RecordMetadata>> sent = new ArrayList<>(changes.size());
        for (ChangeEvent<byte[], byte[]> change : changes) {
            if (SandboxTopics.CUSTOMERS.equals(change.destination())) { // and not a heartbeat
                sent.add(producer.send(toRecord(change)));
            }
        }
        producer.flush();
        for (Future<RecordMetadata> one : sent) {
            awaitSent(one);
        }
        for (ChangeEvent<byte[], byte[]> change : changes) {
            committer.markProcessed(change);
        }
        committer.markBatchFinished();
    }

    private static void awaitSent(Future<RecordMetadata> sent) throws InterruptedException {
        try {
            sent.get(1, TimeUnit.MINUTES);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("Kafka did not acknowledge a change", e);
        }
    }

    private static ProducerRecord<byte[], byte[]> toRecord(ChangeEvent<byte[], byte[]> change) {
        var record = new ProducerRecord<>(change.destination(), change.key(), change.value());
        for (Header<String> header : change.<String>headers()) {
            byte[] value = header.getValue() == null ? null : header.getValue().getBytes(StandardCharsets.UTF_8);
            record.headers().add(header.getKey(), value);
        }
        return record;
    }

    private Class<? extends SerializationFormat<byte[]>> format() {
        return registry == null ? JsonByteArray.class : Avro.class;
    }

    private Map<String, Object> producerConfig() {
        return kafka.client(Map.of("acks", "all", "enable.idempotence", true, "delivery.timeout.ms", 15_000,
                "request.timeout.ms", 5_000, "max.block.ms", 15_000));
    }

    private Properties connectorConfig() {
        Properties config = new Properties();
        config.put("name", "nbo-sandbox");
        config.put("connector.class", "io.debezium.connector.postgresql.PostgresConnector");
        config.put("database.hostname", "127.0.0.1");
        config.put("database.port", Integer.toString(postgres.port()));
        config.put("database.dbname", "bank");
        config.put("database.user", "debezium");
        config.put("database.password", "debezium");
        postgres.authority().ifPresent(authority -> {
            config.put("database.sslmode", "verify-full");
            config.put("database.sslrootcert", authority.toString());
        });
        config.put("topic.prefix", "bank");
        config.put("table.include.list", "public.customers");
        config.put("plugin.name", "pgoutput");
        config.put("slot.name", SLOT);
        config.put("publication.name", "nbo_sandbox");
        config.put("publication.autocreate.mode", "disabled");
        config.put("snapshot.mode", "initial");
        // Debezium skips truncates by default.
        config.put("skipped.operations", "none");
        // Keeps the metric names of two sandboxes in one process distinct.
        config.put("custom.metric.tags", "sandbox=" + postgres.port());
        config.put("tombstones.on.delete", "true");
        // Advances the slot even while only the other database is written to, so that Postgres can drop its log.
        config.put("heartbeat.interval.ms", "5000");
        config.put("poll.interval.ms", "20");
        config.put("slot.max.retries", "60");
        config.put("slot.retry.delay.ms", "500");
        config.put("retriable.restart.connector.wait.ms", "500");
        config.put("errors.max.retries", "3");
        config.put("offset.storage", "org.apache.kafka.connect.storage.FileOffsetBackingStore");
        config.put("offset.storage.file.filename", offsets().toString());
        config.put("offset.flush.interval.ms", "500");
        config.put("task.management.timeout.ms", "10000");
        config.put("converter.schemas.enable", Boolean.toString(schemas));
        config.put("key.converter.schemas.enable", Boolean.toString(schemas));
        config.put("value.converter.schemas.enable", Boolean.toString(schemas));
        if (registry != null) {
            config.putAll(registry.converterConfig());
        }
        return config;
    }
}
