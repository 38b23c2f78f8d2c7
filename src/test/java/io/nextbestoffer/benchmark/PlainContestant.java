package io.nextbestoffer.benchmark;

import java.util.List;
import java.util.Optional;

import io.nextbestoffer.benchmark.plain.PlainApplication;
import io.nextbestoffer.sandbox.JavaProcess;

/** The plain consumer, with a separate database. */
final class PlainContestant implements Contestant {

    @Override
    public String name() {
        return "plain consumer";
    }

    @Override
    public String id() {
        return "plain";
    }

    @Override
    public Running start(BenchmarkInfrastructure infrastructure, Run run) {
        return infrastructure.start(() -> {
            String database = run.name().replace('-', '_');
            String jdbcUrl = infrastructure.postgres().createEmptyDatabase(database);
            return new PeerProcess(infrastructure, JavaProcess.start(PlainApplication.class, run.heap(),
                    List.of(infrastructure.kafka().bootstrapServers(), run.name(), run.activitiesTopic(),
                            run.customersTopic(), run.offersTopic(), jdbcUrl,
                            infrastructure.logs().resolve(run.name() + "-warnings.log").toString()),
                    infrastructure.logs().resolve(run.name() + ".log")),
                    Optional.of(jdbcUrl), () -> infrastructure.postgres().dropDatabase(database));
        });
    }
}
