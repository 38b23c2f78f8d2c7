package io.nextbestoffer.faults;

import java.nio.file.Path;

import io.nextbestoffer.sandbox.SandboxInfrastructure;
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

    World() throws Exception {
        // Not a temporary directory: the logs of a failure are wanted afterwards
        sandbox = SandboxInfrastructure.start(SandboxInfrastructure.Options.defaults().withSample()
                .withDirectory(Path.of("target", "faults", Long.toString(ProcessHandle.current().pid()))));
        records = new Records(sandbox.kafka().topicId(Topics.ACTIVITY));
        bank = new Bank(sandbox.postgres(), scale.lateness());
        load = new Load(bank, records, sandbox.kafka(), scale.perSecond());
        reader = new Reader(records, sandbox.kafka());
        lookups = new Lookups(bank, records);
        store = new Store(sandbox.postgres());
        proof = new Proof(bank, load, records, lookups, store);
    }

    @Override
    public void close() throws Exception {
        try (sandbox; bank; load; reader; lookups) {
            // In the reverse order, whatever fails
        }
    }
}
