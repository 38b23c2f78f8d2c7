package io.nextbestoffer.faults;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

import io.nextbestoffer.sandbox.KafkaProxy;
import io.nextbestoffer.sandbox.SandboxInfrastructure;
import io.nextbestoffer.sandbox.TcpProxy;
import io.nextbestoffer.sandbox.Topics;

/** The bank, the broker, the databases, the load and those who watch: all but the service. */
final class World implements AutoCloseable {

    final Scale scale = Scale.chosen();
    final SandboxInfrastructure sandbox;
    final Records records;
    final Bank bank;
    final Load load;
    final Reader reader;
    final Lookups lookups;
    final Proof proof;
    final Store store;
    final KafkaProxy kafkaProxy;
    final TcpProxy postgresProxy;
    /** Of the service, also those that have ended; each test goes on with what the one before left. */
    final List<Replica> replicas = new CopyOnWriteArrayList<>();

    World() throws Exception {
        // Not a temporary directory: the logs of a failure are wanted afterwards
        sandbox = SandboxInfrastructure.start(SandboxInfrastructure.Options.defaults().withSample()
                .withDirectory(Path.of("target", "faults", Long.toString(ProcessHandle.current().pid()))));
        records = new Records(sandbox.kafka().topicId(Topics.ACTIVITY));
        bank = new Bank(sandbox.postgres(), scale.lateness());
        load = new Load(bank, records, sandbox.kafka(), scale.perSecond());
        reader = new Reader(records, sandbox.kafka());
        lookups = new Lookups(bank, records, replicas);
        store = new Store(sandbox.postgres());
        proof = new Proof(bank, load, records, lookups, store);
        kafkaProxy = sandbox.kafka().openProxy();
        postgresProxy = TcpProxy.to(sandbox.postgres().port());
    }

    /** For a service that is to use broker and database through the proxies. */
    Map<String, String> proxied() {
        String url = "postgresql://127.0.0.1:" + postgresProxy.port() + "/nbo";
        return Map.of("kafka.bootstrap.servers", kafkaProxy.bootstrapServers(), "quarkus.datasource.reactive.url", url,
                "quarkus.datasource.jdbc.url", "jdbc:" + url);
    }

    List<Replica> up() {
        return replicas.stream().filter(replica -> replica.state() == Replica.State.UP).toList();
    }

    void endService() {
        replicas.stream().filter(replica -> replica.state() != Replica.State.ENDED).forEach(Replica::stop);
    }

    @Override
    public void close() throws Exception {
        try (sandbox; kafkaProxy; postgresProxy; bank; load; reader; lookups) {
            endService();
        }
    }
}
