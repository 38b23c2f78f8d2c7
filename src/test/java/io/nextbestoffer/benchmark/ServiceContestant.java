package io.nextbestoffer.benchmark;

import java.util.HashMap;
import java.util.Map;

import io.nextbestoffer.sandbox.ServiceProcess;

/** The packaged service with its defaults, on a database of its own. */
final class ServiceContestant implements Contestant {

    @Override
    public String name() {
        return "service";
    }

    @Override
    public Replica start(Infrastructure infrastructure, Run run) {
        String database = run.name().replace('-', '_');
        String jdbcUrl = infrastructure.postgres().createDatabase(database);
        return infrastructure.add(new Replica(infrastructure, database, replica(infrastructure, run, jdbcUrl, "1")));
    }

    private static ServiceProcess replica(Infrastructure infrastructure, Run run, String jdbcUrl, String number) {
        Map<String, String> properties = new HashMap<>(run.settings());
        properties.put("kafka.bootstrap.servers", infrastructure.kafka().bootstrapServers());
        properties.put("quarkus.datasource.username", "nbo");
        properties.put("quarkus.datasource.jdbc.url", jdbcUrl);
        properties.put("quarkus.datasource.reactive.url", jdbcUrl.substring("jdbc:".length()));
        properties.put("nbo.topics.activities", run.activitiesTopic());
        properties.put("nbo.topics.customers", run.customersTopic());
        properties.put("nbo.topics.offers", run.offersTopic());
        properties.put("nbo.groups.activities", run.name());
        properties.put("nbo.groups.customers", run.name() + "-customers");
        properties.put("nbo.stream.instance", run.name() + "-" + number);
        return ServiceProcess.start(run.heap(), properties, Map.of("QUARKUS_DATASOURCE_PASSWORD", "nbo"),
                infrastructure.logs().resolve(run.name() + "-" + number + ".log"));
    }

    /** One process, and its database. */
    static final class Replica implements Running {
        private final Infrastructure infrastructure;
        private final String database;
        private final ServiceProcess process;

        private Replica(Infrastructure infrastructure, String database, ServiceProcess process) {
            this.infrastructure = infrastructure;
            this.database = database;
            this.process = process;
        }

        @Override
        public long pid() {
            return process.pid();
        }

        @Override
        public boolean isAlive() {
            return process.exitCode().isEmpty();
        }

        @Override
        public String logTail() {
            return process.logTail();
        }

        @Override
        public void close() {
            infrastructure.remove(this);
            process.stop();
            infrastructure.postgres().dropDatabase(database);
        }
    }
}
