package io.nextbestoffer.benchmark.streams;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Properties;

import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;

import io.nextbestoffer.sandbox.JavaProcess;
import io.nextbestoffer.sandbox.SandboxLogging;

/**
 * Main class of the peer. Arguments: {@code bootstrap-servers application-id activities customers offers directory log
 * threads commit-interval-ms}.
 */
public final class StreamsApplication {
    private StreamsApplication() {
    }

    public static void main(String[] arguments) {
        SandboxLogging.useJbossLogManager();
        SandboxLogging.toFile(Path.of(arguments[6]));
        JavaProcess.endWithParent();
        Topology topology = PeerTopology.build(arguments[2], arguments[3], arguments[4]);
        System.out.println(topology.describe());
        KafkaStreams streams = new KafkaStreams(topology, configuration(arguments[0], arguments[1],
                Path.of(arguments[5]), Integer.parseInt(arguments[7]), Integer.parseInt(arguments[8])));
        streams.setUncaughtExceptionHandler(failure -> {
            failure.printStackTrace();
            return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        });
        streams.setStateListener((now, before) -> {
            System.out.println(before + " -> " + now);
            if (now == KafkaStreams.State.ERROR) {
                // Exits in a new thread, because closing waits for this one.
                new Thread(() -> System.exit(1), "failed").start();
            }
        });
        Runtime.getRuntime().addShutdownHook(new Thread(() -> streams.close(Duration.ofSeconds(15)), "end"));
        streams.start();
    }

    /**
     * Kafka Streams' defaults, except for the settings here and those of the benchmark. With the default of
     * {@code max.task.idle.ms}, 0, a task waits for records that the broker already has, so customers, which are older,
     * are processed before activities. The check of the output shows that no customer is missed.
     */
    private static Properties configuration(String bootstrapServers, String application, Path directory, int threads,
            int commitMillis) {
        Properties properties = new Properties();
        properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        properties.put(StreamsConfig.APPLICATION_ID_CONFIG, application);
        properties.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        properties.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, threads);
        properties.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, commitMillis);
        properties.put(StreamsConfig.STATE_DIR_CONFIG, directory.resolve("state").toString());
        return properties;
    }
}
