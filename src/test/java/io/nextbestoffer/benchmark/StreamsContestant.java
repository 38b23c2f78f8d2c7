package io.nextbestoffer.benchmark;

import java.nio.file.Path;
import java.util.List;

import io.nextbestoffer.benchmark.streams.StreamsApplication;
import io.nextbestoffer.sandbox.Directories;
import io.nextbestoffer.sandbox.JavaProcess;

/** The Kafka Streams application, with a state directory of its own. */
final class StreamsContestant implements Contestant {

    @Override
    public String name() {
        return "Kafka Streams";
    }

    @Override
    public Running start(Infrastructure infrastructure, Run run) {
        Path directory = infrastructure.directory(run.name());
        JavaProcess process = JavaProcess.start(StreamsApplication.class, run.heap(),
                List.of(infrastructure.kafka().bootstrapServers(), run.name(), run.activitiesTopic(),
                        run.customersTopic(), run.offersTopic(), directory.toString()),
                infrastructure.logs().resolve(run.name() + ".log"));
        return infrastructure.add(new Running() {
            @Override
            public long pid() {
                return process.pid();
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
                infrastructure.remove(this);
                process.close();
                Directories.delete(directory);
            }
        });
    }
}
