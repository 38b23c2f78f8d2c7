package io.nextbestoffer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.MigrationInfo;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import io.nextbestoffer.sandbox.OwnInfrastructure;
import io.nextbestoffer.sandbox.SandboxPostgres;

/**
 * Checks that no migration breaks the previous release, whose replicas run on the new schema during a rolling upgrade.
 * A migration that removes or tightens something must raise schema_contract, the schema version of the oldest release
 * that can use the database. Compares the schema in Postgres before and after each migration, not the scripts.
 */
@OwnInfrastructure
class MigrationsIT {

    /** Migrations up to this version precede the first release, and may change anything. */
    private static final int BASELINE = 6;

    @TempDir
    static Path directory;
    private static SandboxPostgres postgres;
    private static String jdbcUrl;

    @BeforeAll
    static void start() {
        postgres = SandboxPostgres.start(directory.resolve("data"), directory.resolve("logs"));
        jdbcUrl = postgres.createDatabase("migrations");
    }

    @AfterAll
    static void stop() {
        postgres.close();
    }

    /** @param nullable whether an insert may omit the column */
    private record Column(String type, boolean nullable, boolean hasDefault) {
    }

    /** @param usableFrom value of schema_contract */
    private record Schema(Map<String, Column> columns, List<String> functions, int usableFrom) {

        boolean hasTable(String column) {
            String table = column.substring(0, column.indexOf('.') + 1);
            return columns.keySet().stream().anyMatch(name -> name.startsWith(table));
        }
    }

    private static Flyway flyway(String schema, String location, String target) {
        return Flyway.configure().dataSource(jdbcUrl, "nbo", "nbo").schemas(schema).locations(location).target(target)
                .load();
    }

    private static Schema read(String schema) throws SQLException {
        var columns = new TreeMap<String, Column>();
        var functions = new ArrayList<String>();
        int usableFrom = 0;
        try (Connection nbo = DriverManager.getConnection(jdbcUrl, "nbo", "nbo");
                Statement sql = nbo.createStatement()) {
            try (ResultSet found = sql.executeQuery("""
                    select table_name || '.' || column_name, udt_name, is_nullable = 'YES',
                        column_default is not null or is_identity = 'YES' or is_generated = 'ALWAYS'
                    from information_schema.columns
                    where table_schema = '%s' and table_name <> 'flyway_schema_history'""".formatted(schema))) {
                while (found.next()) {
                    columns.put(found.getString(1),
                            new Column(found.getString(2), found.getBoolean(3), found.getBoolean(4)));
                }
            }
            try (ResultSet found = sql.executeQuery(
                    "select p.oid::regprocedure::text from pg_proc p where pronamespace = '" + schema
                            + "'::regnamespace")) {
                while (found.next()) {
                    functions.add(found.getString(1));
                }
            }
            if (columns.containsKey("schema_contract.usable_from")) {
                try (ResultSet found = sql.executeQuery("select usable_from from " + schema + ".schema_contract")) {
                    found.next();
                    usableFrom = found.getInt(1);
                }
            }
        }
        return new Schema(columns, functions, usableFrom);
    }

    /** Describes the changes that can break the previous release. */
    private static List<String> contractions(Schema before, Schema after) {
        var found = new ArrayList<String>();
        before.columns().forEach((name, old) -> {
            Column now = after.columns().get(name);
            if (now == null) {
                found.add(name + " is missing");
            } else if (!now.type().equals(old.type())) {
                found.add(name + " has changed from " + old.type() + " to " + now.type());
            } else if (old.nullable() && !now.nullable()) {
                found.add(name + " is no longer nullable");
            } else if (old.hasDefault() && !now.hasDefault() && !now.nullable()) {
                found.add(name + " no longer has a default");
            }
        });
        after.columns().forEach((name, column) -> {
            if (!before.columns().containsKey(name) && before.hasTable(name) && !column.nullable()
                    && !column.hasDefault()) {
                found.add(name + " is required");
            }
        });
        before.functions().stream().filter(function -> !after.functions().contains(function))
                .forEach(function -> found.add(function + " is missing"));
        return found;
    }

    /** Contractions of a migration; none if it only adds, or raises schema_contract to a version before its own. */
    private static List<String> undeclaredContractions(int version, Schema before, Schema after) {
        List<String> contractions = contractions(before, after);
        boolean declared = after.usableFrom() > before.usableFrom() && after.usableFrom() < version;
        return contractions.isEmpty() || declared ? List.of() : contractions;
    }

    @Test
    void keepsTheSchemaUsableForThePreviousRelease() throws SQLException {
        String all = "classpath:db/migration";
        List<Integer> versions = Arrays.stream(flyway("steps", all, "latest").info().all())
                .map(MigrationInfo::getVersion).map(version -> Integer.parseInt(version.getVersion())).toList();
        flyway("steps", all, Integer.toString(BASELINE)).migrate();

        for (int version : versions.subList(versions.indexOf(BASELINE) + 1, versions.size())) {
            Schema before = read("steps");
            flyway("steps", all, Integer.toString(version)).migrate();
            assertThat(undeclaredContractions(version, before, read("steps")))
                    .as("migration %d: CONTRIBUTING.md, Migrations", version)
                    .isEmpty();
        }
        assertThat(read("steps").usableFrom()).isBetween(1, versions.get(versions.size() - 1));
    }

    /** While a migration waits for a lock, the statements of all replicas on this table queue behind it. */
    @Test
    void limitsTheWaitForLocks() throws IOException {
        try (var scripts = Files.list(Path.of("src/main/resources/db/migration"))) {
            for (Path script : scripts.toList()) {
                String name = script.getFileName().toString();
                String sql = Files.readString(script).toLowerCase(Locale.ROOT);
                if (Integer.parseInt(name.substring(1, name.indexOf('_'))) > BASELINE && sql.contains("alter table")) {
                    assertThat(sql).as("%s: CONTRIBUTING.md, Migrations", name).startsWith("set local lock_timeout = ");
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|',
            textBlock = """
                    drop a column         | alter table t drop column b               | t.b is missing
                    rename a column       | alter table t rename column b to c        | t.b is missing
                    rename a table        | alter table t rename to u                 | t.a is missing
                    change a type         | alter table t alter column a type bigint  | t.a has changed from int4 to \
                    int8
                    tighten a column      | alter table t alter column b set not null | t.b is no longer nullable
                    add a required column | alter table t add column c int not null   | t.c is required
                    drop a default        | alter table t alter column d drop default | t.d no longer has a default
                    drop a function       | drop function f(int)                      | f(integer) is missing
                    add columns           | alter table t add column c int, add column e int not null default 1 |
                    add a table           | create table u (a int not null)           |
                    raise the contract    | alter table t drop column b; update schema_contract set usable_from = 2 |
                    raise it too far      | alter table t drop column b; update schema_contract set usable_from = 3 | \
                    t.b is missing
                    """)
    void findsContractions(String name, String migration, String finding) throws Exception {
        String schema = name.replace(' ', '_');
        Path scripts = Files.createDirectory(directory.resolve(schema));
        write(scripts, "V1__contract.sql", "create table schema_contract (usable_from int);"
                + "insert into schema_contract values (1)");
        write(scripts, "V2__base.sql", "create table t (a int not null, b text, d int not null default 1);"
                + "create function f(int) returns int language sql return 1");
        write(scripts, "V3__change.sql", migration);
        flyway(schema, "filesystem:" + scripts, "2").migrate();
        Schema before = read(schema);

        flyway(schema, "filesystem:" + scripts, "3").migrate();

        List<String> found = undeclaredContractions(3, before, read(schema)).stream()
                .map(one -> one.replace(schema + ".", ""))
                .toList();
        if (finding == null) {
            assertThat(found).isEmpty();
        } else {
            assertThat(found).contains(finding);
        }
    }

    private static void write(Path directory, String name, String script) throws IOException {
        Files.writeString(directory.resolve(name), script);
    }
}
