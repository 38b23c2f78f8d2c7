package io.nextbestoffer.platform;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.function.Predicate;

import jakarta.inject.Singleton;

import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.MigrationInfo;
import org.jboss.logging.Logger;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.Startup;

/**
 * Checks at start that this release can use the database's schema, and reports both versions. During a rolling upgrade,
 * replicas of the previous release run, and may restart, with the schema of the next one.
 */
@Startup
@Singleton
@Readiness
class SchemaVersion implements HealthCheck {

    private static final Logger LOG = Logger.getLogger(SchemaVersion.class);

    private final int found;
    private final int known;

    SchemaVersion(Flyway flyway, MeterRegistry metrics) throws SQLException {
        MigrationInfo[] migrations = flyway.info().all();
        found = newest(migrations, migration -> migration.getState().isApplied());
        known = newest(migrations, migration -> migration.getState().isResolved());
        if (found < known) {
            throw new IllegalStateException("the database has schema version " + found + ", but this release needs "
                    + known + ": run the migration job first, or set quarkus.flyway.migrate-at-start=true");
        }
        if (found > known) {
            int usableFrom = usableFrom(flyway);
            if (usableFrom > known) {
                throw new IllegalStateException("the database has schema version " + found
                        + ", which requires a release of schema version " + usableFrom
                        + " or later; this release has " + known);
            }
            LOG.warnf(
                    "the database has schema version %d, of a later release than this one; this release has"
                            + " version %d and is compatible",
                    found, known);
        }
        Gauge.builder("nbo.schema.version", () -> found).description("Version of the database's schema")
                .register(metrics);
    }

    private static int newest(MigrationInfo[] migrations, Predicate<MigrationInfo> filter) {
        return Arrays.stream(migrations).filter(migration -> migration.getVersion() != null).filter(filter)
                .mapToInt(migration -> Integer.parseInt(migration.getVersion().getVersion())).max().orElse(0);
    }

    private static int usableFrom(Flyway flyway) throws SQLException {
        try (Connection connection = flyway.getConfiguration().getDataSource().getConnection();
                Statement statement = connection.createStatement();
                ResultSet contract = statement.executeQuery("select usable_from from schema_contract")) {
            return contract.next() ? contract.getInt(1) : 0;
        }
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("schema").up().withData("version", found).withData("release", known).build();
    }
}
