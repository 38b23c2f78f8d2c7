package io.nextbestoffer.benchmark;

import java.util.List;
import java.util.Optional;

import io.nextbestoffer.sandbox.JavaProcess;

/**
 * A running application that the service is compared with.
 *
 * @param latestOffers JDBC URL of the database with its table of latest offers, if it has one
 * @param deletion deletes its data after its end
 */
record PeerProcess(BenchmarkInfrastructure infrastructure, JavaProcess process, Optional<String> latestOffers,
        Runnable deletion) implements Contestant.Running {

    @Override
    public List<Long> pids() {
        return List.of(process.pid());
    }

    @Override
    public boolean isAlive() {
        return process.isAlive();
    }

    @Override
    public String logTail() {
        return process.logTail();
    }

    @Override
    public void close() {
        process.close();
        deletion.run();
        infrastructure.remove(this);
    }
}
