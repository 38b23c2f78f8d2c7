package io.nextbestoffer.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import io.debezium.embedded.Connect;
import io.debezium.engine.ChangeEvent;
import io.debezium.engine.DebeziumEngine;
import io.nextbestoffer.sandbox.OwnInfrastructure;
import io.nextbestoffer.sandbox.SandboxPostgres;
import io.nextbestoffer.sandbox.SandboxTopics;

/**
 * Tests the connector of {@code deploy/kafka/connector.yaml} with the privileges of {@code deploy/cdc/bank.sql}, and
 * the runbook of {@code docs/cdc.md}, on a replication slot of a real Postgres.
 */
@OwnInfrastructure
class CdcIT {

    private static final String PASSWORD = "change me";
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    @TempDir
    static Path directory;

    private final RunbookSql runbook = new RunbookSql(Path.of("docs/cdc.md"));
    private final List<SourceRecord> records = new CopyOnWriteArrayList<>();
    private final Set<String> destinations = ConcurrentHashMap.newKeySet();
    private DebeziumEngine<ChangeEvent<SourceRecord, SourceRecord>> engine;
    private Thread reader;

    @Test
    void capturesCustomersAndRecreatesALostSlot() throws Exception {
        try (var postgres = SandboxPostgres.start(directory.resolve("data"), directory.resolve("logs"))) {
            createBank(postgres);
            try (Connection admin = postgres.connectAsSuperuser("bank");
                    Connection bank = postgres.connect("bank", "bank", "bank")) {
                execute(admin, runbook.take("Set it up"));
                execute(bank, Files.readString(Manifests.DEPLOY.resolve("cdc/bank.sql")));
                assertDebeziumLacksOtherPrivileges(postgres);

                start(postgres);
                await().atMost(TIMEOUT).until(() -> has("r", 1));
                capturesChanges(bank);
                advancesTheSlotWhileOtherTablesAreWritten(admin, bank);
                readsTheTableAgainAfterASignal(bank);
                recreatesALostSlot(admin, bank, postgres);
                stop();
                assertThat(destinations).as("all topics written to are declared, because production creates none")
                        .containsExactlyInAnyOrderElementsOf(KafkaManifestsTest.topicsDebeziumMayWriteTo());

                execute(admin, "select pg_drop_replication_slot('nbo_customers')");
                execute(bank, runbook.take("Move or remove it"));
            }
            assertThat(runbook.left()).as("untested SQL of docs/cdc.md").isEmpty();
        }
    }

    private static void createBank(SandboxPostgres postgres) throws SQLException {
        try (Connection admin = postgres.connectAsSuperuser("postgres")) {
            execute(admin, "create role bank login password 'bank'");
            execute(admin, "create database bank owner bank");
            execute(admin, "revoke connect on database bank from public");
        }
        try (Connection bank = postgres.connect("bank", "bank", "bank")) {
            execute(bank, "create table customers (customer_id int primary key, income int, balance numeric(12, 2))");
            execute(bank, "create table accounts (account_id int primary key)");
            execute(bank, "insert into customers values (1, 1000, 17.25)");
        }
    }

    private static void assertDebeziumLacksOtherPrivileges(SandboxPostgres postgres) throws SQLException {
        try (Connection debezium = postgres.connect("bank", "debezium", PASSWORD)) {
            for (String forbidden : List.of("select * from accounts", "update customers set income = 0",
                    "delete from customers", "create table t ()",
                    "create publication other for table public.customers")) {
                assertThatThrownBy(() -> execute(debezium, forbidden)).as(forbidden).isInstanceOf(SQLException.class)
                        .message().containsAnyOf("permission denied", "must be owner");
            }
        }
    }

    private void capturesChanges(Connection bank) throws SQLException {
        execute(bank, "insert into customers values (2, 2000, 0.1)");
        execute(bank, "update customers set income = 3000 where customer_id = 1");
        await().atMost(TIMEOUT).until(() -> has("c", 2) && has("u", 1));
        assertThat(of("c", 2).getStruct("after").get("balance")).isEqualTo(0.1);

        execute(bank, "delete from customers where customer_id = 2");
        execute(bank, "truncate customers");
        execute(bank, "insert into customers values (1, 1000, 17.25), (3, 3000, 3)");
        await().atMost(TIMEOUT).until(() -> has("d", 2) && has("c", 3));
        assertThat(values()).extracting(value -> value.get("op"))
                .as("a truncate has no key, and the topic is compacted")
                .doesNotContain("t");
    }

    private void advancesTheSlotWhileOtherTablesAreWritten(Connection admin, Connection bank) throws SQLException {
        execute(admin, runbook.take("Limit it"));
        execute(admin, runbook.take("Limit it"));
        String watch = runbook.take("Watch it");
        execute(bank, "insert into accounts select generate_series(1, 100000)");
        String written = ask(admin, "select pg_current_wal_lsn()", 1);

        await().atMost(TIMEOUT).until(() -> ask(admin, "select confirmed_flush_lsn > '" + written
                + "' from pg_replication_slots where slot_name = 'nbo_customers'", 1).equals("t"));
        assertThat(ask(admin, watch, 1)).isEqualTo("nbo_customers");
        assertThat(ask(admin, watch, 2)).as("active").isEqualTo("t");
        assertThat(ask(admin, watch, 3)).isEqualTo("reserved");
        assertThat(ask(admin, watch, 6)).as("safe_wal_size, which is null without a limit").isNotNull();
        assertThat(ask(bank, runbook.take("Watch it"), 1)).startsWith("00:00:");
        execute(admin, runbook.take("The slot is far behind"));
        String failover = runbook.take("Failover of the bank's Postgres");
        assertThat(ask(admin, failover, 2)).as("failover").isEqualTo("t");
    }

    private void readsTheTableAgainAfterASignal(Connection bank) throws SQLException {
        records.clear();
        execute(bank, runbook.take("Read the table again"));

        await().atMost(TIMEOUT).until(() -> has("r", 1) && has("r", 3));
    }

    private void recreatesALostSlot(Connection admin, Connection bank, SandboxPostgres postgres)
            throws Exception {
        stop();
        records.clear();
        execute(admin, "alter system set max_slot_wal_keep_size = '1MB'");
        execute(admin, "select pg_reload_conf()");
        execute(bank, "insert into customers values (4, 4000, 4)");
        await().atMost(TIMEOUT).until(() -> {
            execute(bank, "update accounts set account_id = -account_id");
            execute(admin, "select pg_switch_wal()");
            execute(admin, "checkpoint");
            return ask(admin, "select wal_status from pg_replication_slots", 1).equals("lost");
        });

        execute(admin, runbook.take("The slot is lost"));
        assertThat(ask(admin, "select count(*) from pg_replication_slots", 1)).isEqualTo("0");
        start(postgres);

        await().atMost(TIMEOUT).until(() -> has("r", 1) && has("r", 3) && has("r", 4));
        execute(bank, "insert into customers values (5, 5000, 5)");
        await().atMost(TIMEOUT).until(() -> has("c", 5));
    }

    private void start(SandboxPostgres postgres) {
        Properties config = new Properties();
        config.putAll(KafkaManifestsTest.connect());
        config.put("name", "bank-customers");
        config.put("database.hostname", "127.0.0.1");
        config.put("database.port", Integer.toString(postgres.port()));
        config.put("database.password", PASSWORD);
        config.put("database.sslmode", "disable");
        config.remove("database.sslrootcert");
        // With the default, the test would wait for ten seconds.
        config.put("heartbeat.interval.ms", "500");
        config.put("offset.storage", "org.apache.kafka.connect.storage.FileOffsetBackingStore");
        config.put("offset.storage.file.filename", directory.resolve("offsets.dat").toString());
        config.put("offset.flush.interval.ms", "200");
        engine = DebeziumEngine.create(Connect.class).using(config).using(CdcIT.class.getClassLoader())
                .notifying(change -> {
                    destinations.add(change.destination());
                    if (SandboxTopics.CUSTOMERS.equals(change.destination()) && change.value().value() != null) {
                        records.add(change.value());
                    }
                }).build();
        reader = new Thread(engine, "cdc-it");
        reader.setContextClassLoader(CdcIT.class.getClassLoader());
        reader.setDaemon(true);
        reader.start();
    }

    @AfterEach
    void stop() throws IOException, InterruptedException {
        if (reader != null) {
            engine.close();
            reader.join(TIMEOUT.toMillis());
            reader = null;
        }
    }

    private List<Struct> values() {
        return records.stream().map(record -> (Struct) record.value()).toList();
    }

    private boolean has(String operation, int customer) {
        return of(operation, customer) != null;
    }

    private Struct of(String operation, int customer) {
        for (SourceRecord record : records) {
            if (record.value() instanceof Struct value && operation.equals(value.get("op"))
                    && record.key() instanceof Struct key && key.getInt32("customer_id") == customer) {
                return value;
            }
        }
        return null;
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static String ask(Connection connection, String sql, int column) throws SQLException {
        try (Statement statement = connection.createStatement(); ResultSet row = statement.executeQuery(sql)) {
            return row.next() ? row.getString(column) : "";
        }
    }
}
