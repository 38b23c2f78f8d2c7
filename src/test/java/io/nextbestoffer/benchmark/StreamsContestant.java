package io.nextbestoffer.benchmark;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

import io.nextbestoffer.benchmark.streams.StreamsApplication;
import io.nextbestoffer.sandbox.DirectoryCleaner;
import io.nextbestoffer.sandbox.JavaProcess;

/** The Kafka Streams application, with a separate state directory. */
final class StreamsContestant implements Contestant {
    private final int threads;
    private final int commitMillis;

    /** @param commitMillis commit interval, and so the maximum delay until an offer can be read */
    StreamsContestant(int threads, int commitMillis) {
        this.threads = threads;
        this.commitMillis = commitMillis;
    }

    @Override
    public String name() {
        return "Kafka Streams";
    }

    @Override
    public String id() {
        return "streams";
    }

    @Override
    public Running start(BenchmarkInfrastructure infrastructure, Run run) {
        return infrastructure.start(() -> {
            Path directory = infrastructure.directory(run.name());
            return new PeerProcess(infrastructure, JavaProcess.start(StreamsApplication.class, run.heap(),
                    List.of(infrastructure.kafka().bootstrapServers(), run.name(), run.activitiesTopic(),
                            run.customersTopic(), run.offersTopic(), directory.toString(),
                            infrastructure.logs().resolve(run.name() + "-warnings.log").toString(),
                            Integer.toString(threads), Integer.toString(commitMillis)),
                    infrastructure.logs().resolve(run.name() + ".log")),
                    Optional.empty(), () -> DirectoryCleaner.delete(directory));
        });
    }
}
