package io.nextbestoffer.benchmark;

import java.nio.file.Path;
import java.util.List;

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
    public Running start(BenchmarkInfrastructure infrastructure, Run run) {
        return infrastructure.start(() -> {
            Path directory = infrastructure.directory(run.name());
            return new Application(infrastructure, directory, JavaProcess.start(StreamsApplication.class, run.heap(),
                    List.of(infrastructure.kafka().bootstrapServers(), run.name(), run.activitiesTopic(),
                            run.customersTopic(), run.offersTopic(), directory.toString(),
                            infrastructure.logs().resolve(run.name() + "-warnings.log").toString(),
                            Integer.toString(threads), Integer.toString(commitMillis)),
                    infrastructure.logs().resolve(run.name() + ".log")));
        });
    }

    private record Application(BenchmarkInfrastructure infrastructure, Path directory,
            JavaProcess process) implements Running {

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
            DirectoryCleaner.delete(directory);
            infrastructure.remove(this);
        }
    }
}
