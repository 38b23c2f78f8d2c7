package io.nextbestoffer.faults;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

import io.nextbestoffer.sandbox.KafkaProxy;
import io.nextbestoffer.sandbox.SandboxInfrastructure;
import io.nextbestoffer.sandbox.SandboxTopics;
import io.nextbestoffer.sandbox.TcpProxy;

/**
 * Everything that a fault test needs besides the service: bank, broker, databases, load, proxies, and the readers that
 * check the output.
 */
final class FaultEnvironment implements AutoCloseable {

    final FaultScale scale = FaultScale.chosen();
    final SandboxInfrastructure sandbox;
    final RecordLedger records;
    final ChangingBank bank;
    final FaultLoad load;
    final CommittedReader reader;
    final LookupLoad lookups;
    final ExactlyOnceProof proof;
    final ServiceTables tables;
    final KafkaProxy kafkaProxy;
    final TcpProxy postgresProxy;
    /** All replicas of the service, including ended ones; each test continues with those of the previous test. */
    final List<ReplicaProcess> replicas = new CopyOnWriteArrayList<>();

    FaultEnvironment() throws Exception {
        // Not a temporary directory, so that the logs of a failure are kept
        sandbox = SandboxInfrastructure.start(SandboxInfrastructure.Options.defaults().withSample()
                .withDirectory(Path.of("target", "faults", Long.toString(ProcessHandle.current().pid()))));
        records = new RecordLedger(sandbox.kafka().topicId(SandboxTopics.ACTIVITY));
        bank = new ChangingBank(sandbox.postgres(), scale.lateness());
        load = new FaultLoad(bank, records, sandbox.kafka(), scale.perSecond());
        reader = new CommittedReader(records, sandbox.kafka());
        lookups = new LookupLoad(bank, records, replicas);
        tables = new ServiceTables(sandbox.postgres());
        proof = new ExactlyOnceProof(bank, load, records, lookups, tables);
        kafkaProxy = sandbox.kafka().openProxy();
        postgresProxy = TcpProxy.to(sandbox.postgres().port());
    }

    /** Configures a service to reach broker and database through the proxies. */
    Map<String, String> proxied() {
        return addresses(kafkaProxy.bootstrapServers(), postgresProxy.port());
    }

    /** Configures a service to reach broker and database directly, after {@link #proxied}. */
    Map<String, String> direct() {
        return addresses(sandbox.kafka().bootstrapServers(), sandbox.postgres().port());
    }

    private static Map<String, String> addresses(String kafka, int postgresPort) {
        String url = "postgresql://127.0.0.1:" + postgresPort + "/nbo";
        return Map.of("kafka.bootstrap.servers", kafka, "quarkus.datasource.reactive.url", url,
                "quarkus.datasource.jdbc.url", "jdbc:" + url);
    }

    List<ReplicaProcess> up() {
        return replicas.stream().filter(replica -> replica.state() == ReplicaProcess.State.UP).toList();
    }

    void stopReplicas() {
        replicas.stream().filter(replica -> replica.state() != ReplicaProcess.State.ENDED)
                .forEach(ReplicaProcess::stop);
    }

    @Override
    public void close() throws Exception {
        try (sandbox; kafkaProxy; postgresProxy; bank; load; reader; lookups) {
            stopReplicas();
        }
    }
}
