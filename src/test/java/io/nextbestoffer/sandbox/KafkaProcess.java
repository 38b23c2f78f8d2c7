package io.nextbestoffer.sandbox;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeClusterOptions;

/**
 * The sandbox's broker in a separate process, so that its CPU time is measured separately from the benchmark's.
 */
public final class KafkaProcess implements AutoCloseable {
    private static final Duration STARTING = Duration.ofMinutes(1);

    private final JavaProcess process;
    private final String bootstrapServers;

    private KafkaProcess(JavaProcess process, String bootstrapServers) {
        this.process = process;
        this.bootstrapServers = bootstrapServers;
    }

    /** Starts a broker on a free port, and returns once it answers. */
    public static KafkaProcess start(Path directory, String heap, Path logs) {
        int port = FreePorts.free();
        JavaProcess process = JavaProcess.start(KafkaProcess.class, heap,
                List.of(Integer.toString(port), directory.toString(), logs.toString()), logs.resolve("kafka.log"));
        KafkaProcess kafka = new KafkaProcess(process, "127.0.0.1:" + port);
        try {
            kafka.awaitStarted();
            return kafka;
        } catch (RuntimeException e) {
            process.close();
            throw e;
        }
    }

    /** Main method of the process; its arguments are port, data directory and log directory. */
    public static void main(String[] arguments) {
        SandboxLogging.useJbossLogManager();
        SandboxLogging.toFile(Path.of(arguments[2]).resolve("kafka-warnings.log"));
        JavaProcess.endWithParent();
        SandboxKafka kafka = new SandboxKafka(Integer.parseInt(arguments[0]), Path.of(arguments[1]));
        Runtime.getRuntime().addShutdownHook(new Thread(kafka::stop, "end-kafka"));
        kafka.start();
    }

    public String bootstrapServers() {
        return bootstrapServers;
    }

    public long pid() {
        return process.pid();
    }

    @Override
    public void close() {
        process.close();
    }

    private void awaitStarted() {
        long deadline = System.nanoTime() + STARTING.toNanos();
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers))) {
            while (true) {
                try {
                    admin.describeCluster(new DescribeClusterOptions().timeoutMs(2000)).nodes().get(3,
                            TimeUnit.SECONDS);
                    return;
                } catch (ExecutionException | java.util.concurrent.TimeoutException e) {
                    if (!process.isAlive() || System.nanoTime() > deadline) {
                        throw new IllegalStateException("Kafka did not start:\n" + process.logTail(), e);
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }
}
