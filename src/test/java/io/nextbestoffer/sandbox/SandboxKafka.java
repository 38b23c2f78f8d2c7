package io.nextbestoffer.sandbox;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.FeatureUpdate;
import org.apache.kafka.clients.admin.ListOffsetsResult;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.admin.UpdateFeaturesOptions;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.utils.Exit;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.authorizer.StandardAuthorizer;
import org.apache.kafka.metadata.storage.Formatter;

import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;

/**
 * One Kafka node, broker and controller, in this process. {@link #stop()} and {@link #start()} keep its port and data.
 */
public final class SandboxKafka implements AutoCloseable {
    private static final String HOST = "127.0.0.1";
    private static final String CONTROLLER = "CONTROLLER";
    private static final int NODE_ID = 1;

    private final int port;
    private final int controllerPort;
    // A client connects to the address that the listener advertises, so the proxy needs a listener of its own.
    private final int proxyPort;
    private final int proxiedPort;
    private final Path directory;
    private final SandboxTls tls;
    private final int guardedPort;
    private final Map<String, String> passwords;
    private KafkaRaftServer server;

    /** @param port 0 = a free one */
    SandboxKafka(int port, Path directory) {
        this(port, directory, null, Map.of());
    }

    /**
     * @param port 0 = a free one
     * @param tls null for plain text without authentication; otherwise clients need TLS and a password
     */
    SandboxKafka(int port, Path directory, SandboxTls tls) {
        this(port, directory, tls, Map.of());
    }

    private SandboxKafka(int port, Path directory, SandboxTls tls, Map<String, String> passwords) {
        this.passwords = passwords;
        this.guardedPort = FreePorts.free();
        this.port = FreePorts.orFree(port);
        this.controllerPort = FreePorts.free();
        this.proxyPort = FreePorts.free();
        this.proxiedPort = FreePorts.free();
        this.directory = DirectoryCleaner.create(directory);
        this.tls = tls;
        format();
    }

    /**
     * Starts a broker with a second listener for these users, to whom access control lists apply. Clients of
     * {@link #bootstrapServers()} are superusers.
     */
    public static SandboxKafka startGuarded(Path directory, Map<String, String> passwords) {
        var kafka = new SandboxKafka(0, directory, null, Map.copyOf(passwords));
        kafka.start();
        return kafka;
    }

    public String bootstrapServers() {
        return HOST + ":" + port;
    }

    /** Address of the listener with SASL/PLAIN, for the users of {@link #startGuarded}. */
    public String guardedBootstrapServers() {
        return HOST + ":" + guardedPort;
    }

    /** The properties with which a client connects. */
    public Map<String, Object> client() {
        Map<String, Object> properties = new HashMap<>(tls == null ? Map.of() : tls.kafkaClient());
        properties.put("bootstrap.servers", bootstrapServers());
        return properties;
    }

    /** The properties with which a client connects, with additions. */
    public Map<String, Object> client(Map<String, Object> more) {
        Map<String, Object> properties = client();
        properties.putAll(more);
        return properties;
    }

    /**
     * Opens a proxy to the broker that can make requests fail. Only one can be open. The broker must not use TLS,
     * because the proxy reads the requests.
     */
    public KafkaProxy openProxy() {
        return new KafkaProxy(proxyPort, proxiedPort);
    }

    public synchronized void start() {
        if (server != null) {
            return;
        }
        // After a fatal error Kafka would end this process, in which other components run too.
        Exit.setExitProcedure(SandboxKafka::rejectExit);
        Exit.setHaltProcedure(SandboxKafka::rejectExit);
        KafkaRaftServer starting = new KafkaRaftServer(new KafkaConfig(config(), false), Time.SYSTEM);
        try {
            starting.startup();
        } catch (RuntimeException e) {
            starting.shutdown();
            throw new IllegalStateException("Kafka did not start on port " + port, e);
        }
        server = starting;
    }

    public synchronized void stop() {
        if (server == null) {
            return;
        }
        server.shutdown();
        server.awaitShutdown();
        server = null;
    }

    @Override
    public void close() {
        stop();
        DirectoryCleaner.delete(directory);
    }

    /** Creates the topic and waits until the broker serves it. */
    public void createTopic(String name, int partitions, Map<String, String> config) {
        try (Admin admin = admin()) {
            await(admin.createTopics(List.of(new NewTopic(name, partitions, (short) 1).configs(config))).all());
            for (int attempt = 0; describe(admin, name) == null; attempt++) {
                if (attempt == 100) {
                    throw new IllegalStateException("topic " + name + " was created but is not served");
                }
                pause();
            }
        }
    }

    /** The id that distinguishes this topic from an earlier or later one of the same name. */
    public UUID topicId(String name) {
        try (Admin admin = admin()) {
            TopicDescription description = describe(admin, name);
            if (description == null) {
                throw new IllegalArgumentException("no topic " + name);
            }
            Uuid id = description.topicId();
            return new UUID(id.getMostSignificantBits(), id.getLeastSignificantBits());
        }
    }

    /** @param version 2 as in Kafka 4; 0 as in older brokers */
    public void transactionVersion(int version) {
        var update = new FeatureUpdate((short) version, version == 2
                ? FeatureUpdate.UpgradeType.UPGRADE
                : FeatureUpdate.UpgradeType.SAFE_DOWNGRADE);
        try (Admin admin = admin()) {
            await(admin.updateFeatures(Map.of("transaction.version", update), new UpdateFeaturesOptions()).all());
        }
    }

    /** Number of records ever written to the topic. */
    long written(String topic) {
        try (Admin admin = admin()) {
            Map<TopicPartition, OffsetSpec> ends = new HashMap<>();
            describe(admin, topic).partitions().forEach(
                    partition -> ends.put(new TopicPartition(topic, partition.partition()), OffsetSpec.latest()));
            return await(admin.listOffsets(ends).all()).values().stream()
                    .mapToLong(ListOffsetsResult.ListOffsetsResultInfo::offset).sum();
        }
    }

    private Admin admin() {
        return Admin.create(client());
    }

    private static TopicDescription describe(Admin admin, String name) {
        try {
            return await(admin.describeTopics(List.of(name)).allTopicNames()).get(name);
        } catch (UnknownTopicOrPartitionException e) {
            return null;
        }
    }

    private void format() {
        try {
            new Formatter().setScramArguments(tls == null ? List.of() : List.of(tls.brokerUsers()))
                    .setClusterId(Uuid.randomUuid().toString()).setNodeId(NODE_ID)
                    .addDirectory(directory.toString()).setMetadataLogDirectory(directory.toString())
                    .setControllerListenerName(CONTROLLER).setIgnoreFormatted(true)
                    .setPrintStream(new PrintStream(OutputStream.nullOutputStream())).run();
        } catch (Exception e) {
            throw new IllegalStateException("could not format " + directory + " for Kafka", e);
        }
    }

    private Map<String, String> config() {
        Map<String, String> config = new HashMap<>();
        config.put("process.roles", "broker,controller");
        config.put("node.id", Integer.toString(NODE_ID));
        config.put("controller.quorum.voters", NODE_ID + "@" + HOST + ":" + controllerPort);
        config.put("controller.listener.names", CONTROLLER);
        config.put("listeners", "PLAINTEXT://" + HOST + ":" + port + ",PROXIED://" + HOST + ":" + proxiedPort + ","
                + CONTROLLER + "://" + HOST + ":" + controllerPort);
        config.put("advertised.listeners",
                "PLAINTEXT://" + HOST + ":" + port + ",PROXIED://" + HOST + ":" + proxyPort);
        config.put("listener.security.protocol.map",
                "PLAINTEXT:PLAINTEXT,PROXIED:PLAINTEXT," + CONTROLLER + ":PLAINTEXT");
        config.put("inter.broker.listener.name", "PLAINTEXT");
        if (tls != null) {
            config.put("listeners", "SECURE://" + HOST + ":" + port + "," + CONTROLLER + "://" + HOST + ":"
                    + controllerPort);
            config.put("advertised.listeners", "SECURE://" + HOST + ":" + port);
            config.put("listener.security.protocol.map", "SECURE:SASL_SSL," + CONTROLLER + ":PLAINTEXT");
            config.put("inter.broker.listener.name", "SECURE");
            config.putAll(tls.brokerProperties());
        }
        if (!passwords.isEmpty()) {
            config.merge("listeners", ",GUARDED://" + HOST + ":" + guardedPort, String::concat);
            config.merge("advertised.listeners", ",GUARDED://" + HOST + ":" + guardedPort, String::concat);
            config.merge("listener.security.protocol.map", ",GUARDED:SASL_PLAINTEXT", String::concat);
            config.put("sasl.enabled.mechanisms", "PLAIN");
            var users = new StringBuilder("org.apache.kafka.common.security.plain.PlainLoginModule required");
            passwords.forEach((user, password) -> users.append(" user_" + user + "=\"" + password + "\""));
            config.put("listener.name.guarded.plain.sasl.jaas.config", users.append(';').toString());
            config.put("authorizer.class.name", StandardAuthorizer.class.getName());
            config.put("super.users", "User:ANONYMOUS");
        }
        config.put("log.dirs", directory.toString());
        config.put("auto.create.topics.enable", "false");
        config.put("default.replication.factor", "1");
        config.put("offsets.topic.replication.factor", "1");
        config.put("transaction.state.log.replication.factor", "1");
        config.put("transaction.state.log.min.isr", "1");
        config.put("share.coordinator.state.topic.replication.factor", "1");
        config.put("share.coordinator.state.topic.min.isr", "1");
        config.put("group.initial.rebalance.delay.ms", "0");
        // The default of 50 partitions for each of these topics would only cost start-up time.
        config.put("offsets.topic.num.partitions", "4");
        config.put("transaction.state.log.num.partitions", "4");
        // The default of 128 MB, which compaction allocates at the start, would cost start-up time too.
        config.put("log.cleaner.dedupe.buffer.size", "8388608");
        config.put("metric.reporters", "");
        return config;
    }

    private static void rejectExit(int status, String message) {
        throw new KafkaException("Kafka tried to end the process with status " + status + ": " + message);
    }

    /** @throws KafkaException if the future fails, or Kafka does not answer within 30 s */
    public static <T> T await(KafkaFuture<T> future) {
        try {
            return future.get(30, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof KafkaException cause ? cause : new KafkaException(e.getCause());
        } catch (TimeoutException e) {
            throw new KafkaException("no answer from Kafka for 30 s", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new KafkaException(e);
        }
    }

    private static void pause() {
        try {
            Thread.sleep(20);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new KafkaException(e);
        }
    }
}
