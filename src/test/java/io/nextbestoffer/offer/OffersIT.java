package io.nextbestoffer.offer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.stream.Collectors;

import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import io.nextbestoffer.attribute.Attributes;
import io.nextbestoffer.attribute.Id;
import io.nextbestoffer.sandbox.ServiceDatabase;
import io.quarkiverse.resteasy.problem.HttpProblem;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;

/** The catalog and its history, in a real Postgres. */
class OffersIT {

    @TempDir
    static Path directory;
    private static ServiceDatabase database;
    private static Pool pool;

    private Offers offers;

    @BeforeAll
    static void start() {
        database = ServiceDatabase.start(directory);
        pool = pool("public");
    }

    private static Pool pool(String schema) {
        return database.pool(4, Map.of("search_path", schema));
    }

    @AfterAll
    static void stop() {
        database.close();
    }

    @BeforeEach
    void twoOffers() throws SQLException {
        database.execute("truncate offer");
        database.execute("truncate offer_use");
        database.execute(
                "insert into offer (offer_id, offer_name, offer_url) values ('1', 'one', 'http://1'), ('2', 'two', 'http://2')");
        offers = offers(pool);
    }

    private static Offers offers(Pool pool) {
        return new Offers(pool, config(List.of()));
    }

    private static OfferConfig config(List<String> initial) {
        return new Config(Duration.ofMillis(100), Duration.ofSeconds(10), Optional.of(initial));
    }

    private record Config(Duration refresh, Duration maxAge, Optional<List<String>> initial) implements OfferConfig {
    }

    @AfterEach
    void close() {
        offers.close();
    }

    private static long number(String sql) throws SQLException {
        try (Connection nbo = database.connect();
                Statement statement = nbo.createStatement();
                ResultSet found = statement.executeQuery(sql)) {
            found.next();
            return found.getLong(1);
        }
    }

    private static long revision() throws SQLException {
        return number("select revision from catalog_revision");
    }

    /** Runs it, and tells the revision after it. */
    private static long after(String sql) throws SQLException {
        database.execute(sql);
        return revision();
    }

    private static Catalog at(Offers offers, long revision) {
        return offers.at(revision).await().atMost(Duration.ofSeconds(20));
    }

    @Test
    void whatShipsIsLoadedIntoAnEmptyCatalogOnly() throws SQLException {
        List<String> shipped = List.of("banking", "private-banking", "insurance");
        assertThat(InitialOffers.insert(pool, shipped).await().atMost(Duration.ofSeconds(20))).isZero();
        database.execute("truncate offer");

        assertThat(InitialOffers.insert(pool, shipped).await().atMost(Duration.ofSeconds(20))).isEqualTo(19);

        assertThat(number("select count(*) from offer where offer_id = '1' and offer_name = 'new_savings'")).isOne();
        assertThat(number("""
                select (attributes->>'min_income')::int from offer where offer_id = 'business-expansion-loan'"""))
                .isEqualTo(80_000);
    }

    @Test
    void aCatalogThatDoesNotShipStopsTheStart() {
        assertThatThrownBy(() -> new InitialOffers(pool, config(List.of("bank"))))
                .hasMessageContaining("nbo.offers.initial names bank, which does not ship");
    }

    /** Read anew, whatever {@link #offers} remembers. Out of the history, unless it is the present revision. */
    private static Catalog past(long revision) {
        Offers fresh = offers(pool);
        try {
            return at(fresh, revision);
        } finally {
            fresh.close();
        }
    }

    private static String names(Catalog catalog) {
        return catalog.offers().values().stream().map(offer -> offer.id() + "=" + offer.name()).sorted()
                .collect(Collectors.joining(" "));
    }

    private static Catalog awaitRevision(Offers offers, long revision) {
        return await().atMost(Duration.ofSeconds(20)).until(offers::current,
                current -> current != null && current.revision() == revision);
    }

    @Test
    void theCatalogOfEachRevisionCanBeReadBack() throws SQLException {
        long two = revision();
        long renamed = after("update offer set offer_name = 'uno' where offer_id = '1'");
        long added = after("insert into offer (offer_id, offer_name, offer_url) values ('x', 'new', 'http://x')");
        long deleted = after("delete from offer where offer_id = '2'");
        long moved = after("update offer set offer_id = 'y' where offer_id = 'x'");
        long truncated = after("truncate offer");
        long again = after("insert into offer (offer_id, offer_name, offer_url) values ('2', 'zwei', 'http://2')");

        assertThat(names(past(two))).isEqualTo("1=one 2=two");
        assertThat(names(past(renamed))).isEqualTo("1=uno 2=two");
        assertThat(names(past(added))).isEqualTo("1=uno 2=two x=new");
        assertThat(names(past(deleted))).isEqualTo("1=uno x=new");
        assertThat(names(past(moved))).isEqualTo("1=uno y=new");
        assertThat(names(past(truncated))).isEmpty();
        assertThat(names(past(again))).isEqualTo("2=zwei");
        assertThat(names(awaitRevision(offers, again))).as("in memory it is the same").isEqualTo("2=zwei");
    }

    @Test
    void statementsThatChangeManyOffersAreOneRevisionEach() throws SQLException {
        long before = revision();
        try (Connection nbo = database.connect(); Statement statement = nbo.createStatement()) {
            nbo.setAutoCommit(false);
            statement.execute("update offer set offer_id = '3' where offer_id = '2'");
            statement.execute("update offer set offer_id = (offer_id::int + 1)::text where offer_id in ('1', '3')");
            statement.execute("insert into offer (offer_id, offer_name, offer_url)"
                    + " values ('4', 'vier', 'http://4'), ('5', 'five', 'http://5')"
                    + " on conflict (offer_id) do update set offer_name = excluded.offer_name");
            assertThat(revision()).as("nobody sees it yet").isEqualTo(before);
            nbo.commit();
        }

        // The upsert counts twice, as insert and as update
        assertThat(revision()).isEqualTo(before + 4);
        assertThat(names(past(before))).isEqualTo("1=one 2=two");
        assertThat(names(past(before + 1))).isEqualTo("1=one 3=two");
        assertThat(names(past(before + 2))).isEqualTo("2=one 4=two");
        assertThat(names(past(before + 4))).isEqualTo("2=one 4=vier 5=five");
    }

    @Test
    void idsThatMoveUpInOneStatementKeepTheirPlaceInTheHistory() throws SQLException {
        // Written in this order, each id is free again when the next offer takes it
        database.execute("delete from offer");
        database.execute(
                "insert into offer (offer_id, offer_name, offer_url) values ('3', 'c', ''), ('2', 'b', ''), ('1', 'a', '')");

        long moved = after("update offer set offer_id = (offer_id::int + 1)::text");

        assertThat(names(past(moved - 1))).isEqualTo("1=a 2=b 3=c");
        assertThat(names(past(moved))).isEqualTo("2=a 3=b 4=c");
    }

    @Test
    void whatChangesNothingLeavesNoHistory() throws SQLException {
        long versions = number("select count(*) from offer_version");

        database.execute("update offer set offer_name = offer_name, attributes = '{}'");
        assertThat(number("select count(*) from offer_version")).isEqualTo(versions);

        for (String change : List.of("attributes = '{\"a\":1}'", "category = 'savings'", "offer_url = 'http://new'",
                "valid_from = now()", "valid_until = now()")) {
            database.execute("update offer set " + change + " where offer_id = '1'");
            assertThat(number("select count(*) from offer_version")).as(change).isEqualTo(++versions);
        }
    }

    @Test
    void allOfAnOfferIsLoadedAndKept() throws SQLException {
        long revision = after("""
                update offer set category = 'savings', valid_from = '2026-01-01T01:00:00.123456+01',
                    valid_until = 'infinity',
                    attributes = '{"rate": 1e20, "min": 50000, "tags": ["a"], "vip": true, "nested": {}, "Upper": 1}'
                where offer_id = '1'""");

        Catalog present = awaitRevision(offers, revision);
        database.execute("delete from offer");

        for (Catalog catalog : List.of(present, past(revision))) {
            Offer offer = catalog.get(Id.of(1));
            assertThat(offer.id().number()).isTrue();
            assertThat(offer.category()).isEqualTo("savings");
            assertThat(offer.validFrom()).isEqualTo(Instant.parse("2026-01-01T00:00:00.123456Z"));
            assertThat(offer.isValid(Instant.parse("9999-12-31T00:00:00Z"))).isTrue();
            assertThat(offer.attributes().asMap()).containsExactly(entry("rate", 1e20), entry("min", 50000L),
                    entry("tags", List.of("a")), entry("vip", true));
        }
    }

    @Test
    void attributesThatCanNotBeReadKeepNobodyFromReadingTheOthers() throws SQLException {
        long revision = after("update offer set attributes = case offer_id when '1' then '[1e999]'::json"
                + " else '{\"rate\": 2}' end");

        Catalog catalog = awaitRevision(offers, revision);

        assertThat(catalog.get(Id.of(1)).attributes()).isEqualTo(Attributes.NONE);
        assertThat(catalog.get(Id.of(2)).attributes().get("rate")).isEqualTo(2L);
    }

    @Test
    void aRevisionThatNeverWasHasNoCatalog() throws SQLException {
        long revision = revision();

        assertThatThrownBy(() -> at(offers, revision + 1)).isInstanceOf(NoSuchElementException.class);
        assertThatThrownBy(() -> at(offers, 0)).isInstanceOf(NoSuchElementException.class);

        after("delete from offer");
        assertThat(names(at(offers, revision + 1))).as("that there was none is not remembered").isEmpty();
    }

    @Test
    void theHistoryBeginsWithTheOffersThatWereThere() throws SQLException {
        var schema = Flyway.configure().dataSource(database.url(), "nbo", "nbo").schemas("upgrade")
                .locations("classpath:db/migration");
        schema.target("2").load().migrate();
        database.execute(
                "insert into upgrade.offer (offer_id, offer_name, offer_url, attributes) values ('1', 'old', 'http://1', '{\"a\":1}')"
                        .replace("insert", "set search_path = upgrade; insert"));
        long before = number("select revision from upgrade.catalog_revision");

        schema.target("latest").load().migrate();

        Pool upgraded = pool("upgrade");
        Offers afterwards = offers(upgraded);
        try {
            assertThat(at(afterwards, before).get(Id.of(1)).attributes().get("a")).isEqualTo(1L);
            assertThatThrownBy(() -> at(afterwards, before - 1)).as("it is not known what was before")
                    .isInstanceOf(NoSuchElementException.class);
        } finally {
            afterwards.close();
            upgraded.closeAndAwait();
        }
    }

    @Test
    void writersWaitForEachOtherSoThatRevisionsAreInOrder() throws SQLException {
        long before = revision();
        try (Connection first = database.connect(); Statement statement = first.createStatement()) {
            first.setAutoCommit(false);
            statement.execute("update offer set offer_name = 'first' where offer_id = '1'");

            var second = new OfferRows(pool).save(new Offer(Id.of(2), "second", "http://2", null, Attributes.NONE,
                    null, null), transaction -> Uni.createFrom().voidItem()).subscribeAsCompletionStage();
            awaitSomebodyWaiting();
            assertThat(second).isNotDone();
            first.commit();

            assertThat(second.join().created()).isFalse();
        }
        assertThat(names(past(before + 1))).isEqualTo("1=first 2=two");
        assertThat(names(past(revision()))).isEqualTo("1=first 2=second");
    }

    @Test
    void anOfferThatBecomesUsedMeanwhileIsNotDeleted() throws SQLException {
        try (Connection activation = database.connect(); Statement statement = activation.createStatement()) {
            activation.setAutoCommit(false);
            statement.execute("select revision from catalog_revision for update");

            var deleting = new OfferRows(pool).delete("1").subscribeAsCompletionStage();
            awaitSomebodyWaiting();
            statement.execute("insert into offer_use values ('1', 'banking', 2)");
            activation.commit();

            assertThatThrownBy(deleting::join).hasCauseInstanceOf(HttpProblem.class)
                    .hasMessageContaining("banking version 2");
        }
        assertThat(number("select count(*) from offer where offer_id = '1'")).isEqualTo(1);
    }

    @Test
    void whoeverKeepsTheCatalogLockedDoesNotKeepConnections() throws SQLException {
        try (Connection forgotten = database.connect(); Statement statement = forgotten.createStatement()) {
            forgotten.setAutoCommit(false);
            statement.execute("update offer set offer_name = 'uno' where offer_id = '1'");

            assertThatThrownBy(() -> new OfferRows(pool).delete("2").await().atMost(Duration.ofSeconds(20)))
                    .isInstanceOfSatisfying(HttpProblem.class,
                            problem -> assertThat(problem.getStatusCode()).isEqualTo(503));
            assertThat(number("select count(*) from pg_stat_activity where wait_event_type = 'Lock'")).isZero();
        }
    }

    private static void awaitSomebodyWaiting() {
        await().until(() -> number("select count(*) from pg_stat_activity where wait_event_type = 'Lock'") == 1);
    }
}
