package io.nextbestoffer.offer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;
import static org.awaitility.Awaitility.await;

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

import io.nextbestoffer.attribute.Attributes;
import io.nextbestoffer.attribute.Id;
import io.nextbestoffer.offer.OfferChange.Action;
import io.nextbestoffer.platform.security.Actor;
import io.nextbestoffer.sandbox.OwnInfrastructure;
import io.nextbestoffer.sandbox.ServiceDatabase;
import io.quarkiverse.resteasy.problem.HttpProblem;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;

/** Reads the catalog and its history from a real Postgres. */
@OwnInfrastructure
class OffersIT {

    private static final Actor MARIA = new Actor("f1d3", "maria");

    private static ServiceDatabase database;
    private static Pool pool;

    private Offers offers;

    @BeforeAll
    static void start() {
        database = new ServiceDatabase();
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
        database.execute("""
                insert into offer (offer_id, offer_name, offer_url)
                values ('1', 'one', 'http://1'), ('2', 'two', 'http://2')""");
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

    /** Executes a statement and returns the revision after it. */
    private static long revisionAfter(String sql) throws SQLException {
        database.execute(sql);
        return revision();
    }

    private static OfferRepository repository() {
        return new OfferRepository(pool);
    }

    private static List<OfferChange> changes(Pool pool, String id) {
        return new OfferHistory(pool).page(id, Long.MAX_VALUE, 100).await().atMost(Duration.ofSeconds(20));
    }

    private static Catalog at(Offers offers, long revision) {
        return offers.at(revision).await().atMost(Duration.ofSeconds(20));
    }

    @Test
    void loadsShippedOffersOnlyIntoAnEmptyCatalog() throws SQLException {
        List<String> shipped = List.of("banking", "private-banking", "insurance");
        assertThat(InitialOffers.insert(repository(), shipped).await().atMost(Duration.ofSeconds(20))).isZero();
        database.execute("truncate offer");

        assertThat(InitialOffers.insert(repository(), shipped).await().atMost(Duration.ofSeconds(20))).isEqualTo(19);

        assertThat(number("select count(*) from offer where offer_id = '1' and offer_name = 'new_savings'")).isOne();
        assertThat(number("""
                select (attributes->>'min_income')::int from offer where offer_id = 'business-expansion-loan'"""))
                .isEqualTo(80_000);
    }

    @Test
    void rejectsAnUnknownShippedCatalogAtStart() {
        assertThatThrownBy(() -> new InitialOffers(repository(), config(List.of("bank"))))
                .hasMessageContaining(
                        "nbo.offers.initial names the catalog bank, which does not ship with the service");
    }

    /** Reads the catalog of a revision with a new instance, which has no catalogs in memory. */
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
    void readsTheCatalogOfEachRevision() throws SQLException {
        long two = revision();
        long renamed = revisionAfter("update offer set offer_name = 'uno' where offer_id = '1'");
        long added = revisionAfter(
                "insert into offer (offer_id, offer_name, offer_url) values ('x', 'new', 'http://x')");
        long deleted = revisionAfter("delete from offer where offer_id = '2'");
        long moved = revisionAfter("update offer set offer_id = 'y' where offer_id = 'x'");
        long truncated = revisionAfter("truncate offer");
        long again = revisionAfter(
                "insert into offer (offer_id, offer_name, offer_url) values ('2', 'zwei', 'http://2')");

        assertThat(names(past(two))).isEqualTo("1=one 2=two");
        assertThat(names(past(renamed))).isEqualTo("1=uno 2=two");
        assertThat(names(past(added))).isEqualTo("1=uno 2=two x=new");
        assertThat(names(past(deleted))).isEqualTo("1=uno x=new");
        assertThat(names(past(moved))).isEqualTo("1=uno y=new");
        assertThat(names(past(truncated))).isEmpty();
        assertThat(names(past(again))).isEqualTo("2=zwei");
        assertThat(names(awaitRevision(offers, again))).as("the catalog in memory").isEqualTo("2=zwei");
    }

    @Test
    void countsAStatementThatChangesManyOffersAsOneRevision() throws SQLException {
        long before = revision();
        try (Connection nbo = database.connect(); Statement statement = nbo.createStatement()) {
            nbo.setAutoCommit(false);
            statement.execute("update offer set offer_id = '3' where offer_id = '2'");
            statement.execute("update offer set offer_id = (offer_id::int + 1)::text where offer_id in ('1', '3')");
            statement.execute("insert into offer (offer_id, offer_name, offer_url)"
                    + " values ('4', 'vier', 'http://4'), ('5', 'five', 'http://5')"
                    + " on conflict (offer_id) do update set offer_name = excluded.offer_name");
            assertThat(revision()).as("not visible before the commit").isEqualTo(before);
            nbo.commit();
        }

        // The upsert is counted twice: as an insert and as an update
        assertThat(revision()).isEqualTo(before + 4);
        assertThat(names(past(before))).isEqualTo("1=one 2=two");
        assertThat(names(past(before + 1))).isEqualTo("1=one 3=two");
        assertThat(names(past(before + 2))).isEqualTo("2=one 4=two");
        assertThat(names(past(before + 4))).isEqualTo("2=one 4=vier 5=five");
    }

    @Test
    void recordsIdsThatAStatementShifts() throws SQLException {
        // In this order, each id is free when the next offer takes it
        database.execute("delete from offer");
        database.execute("""
                insert into offer (offer_id, offer_name, offer_url)
                values ('3', 'c', ''), ('2', 'b', ''), ('1', 'a', '')""");

        long moved = revisionAfter("update offer set offer_id = (offer_id::int + 1)::text");

        assertThat(names(past(moved - 1))).isEqualTo("1=a 2=b 3=c");
        assertThat(names(past(moved))).isEqualTo("2=a 3=b 4=c");
    }

    @Test
    void recordsTheActorOnlyForTheirOwnTransaction() throws SQLException {
        Offer gold = new Offer(Id.of("gold"), "gold", "http://gold", null, Attributes.NONE, null, null);
        Pool single = database.pool(1, Map.of());
        try {
            new OfferRepository(single).save(gold, MARIA, transaction -> Uni.createFrom().voidItem())
                    .await().atMost(Duration.ofSeconds(20));
            single.query("update offer set category = 'by SQL' where offer_id = 'gold'").execute()
                    .await().atMost(Duration.ofSeconds(20));
        } finally {
            single.closeAndAwait();
        }
        database.execute("truncate offer");

        List<OfferChange> changes = changes(pool, "gold");
        assertThat(changes).extracting(OfferChange::action)
                .containsExactly(Action.DELETED, Action.REPLACED, Action.CREATED);
        assertThat(changes).extracting(OfferChange::changedBy).containsExactly(null, null, MARIA);
        assertThat(changes).extracting(OfferChange::previousRevision)
                .containsExactly(changes.get(1).revision(), changes.get(2).revision(), null);
        assertThat(changes.get(0).offer()).isNull();
        assertThat(changes.get(1).offer().category()).isEqualTo("by SQL");
        assertThat(changes.get(2).offer()).isEqualTo(gold);
        assertThat(changes.get(0).changedAt()).isAfter(changes.get(1).changedAt());
    }

    @Test
    void recordsNoHistoryForAnUpdateThatChangesNothing() throws SQLException {
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
    void readsAllFieldsOfCurrentAndPastOffers() throws SQLException {
        long revision = revisionAfter("""
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
    void readsTheOtherOffersIfTheAttributesOfOneAreInvalid() throws SQLException {
        long revision = revisionAfter("update offer set attributes = case offer_id when '1' then '[1e999]'::json"
                + " else '{\"rate\": 2}' end");

        Catalog catalog = awaitRevision(offers, revision);

        assertThat(catalog.get(Id.of(1)).attributes()).isEqualTo(Attributes.NONE);
        assertThat(catalog.get(Id.of(2)).attributes().get("rate")).isEqualTo(2L);
    }

    @Test
    void failsForARevisionThatDoesNotExist() throws SQLException {
        long revision = revision();

        assertThatThrownBy(() -> at(offers, revision + 1)).isInstanceOf(NoSuchElementException.class);
        assertThatThrownBy(() -> at(offers, 0)).isInstanceOf(NoSuchElementException.class);

        revisionAfter("delete from offer");
        assertThat(names(at(offers, revision + 1))).as("the failure is not cached").isEmpty();
    }

    @Test
    void beginsTheHistoryWithTheOffersBeforeTheMigration() throws SQLException {
        var schema = Flyway.configure().dataSource(database.url(), "nbo", "nbo").schemas("upgrade")
                .locations("classpath:db/migration");
        schema.target("2").load().migrate();
        database.execute("""
                set search_path = upgrade;
                insert into offer (offer_id, offer_name, offer_url, attributes)
                values ('1', 'old', 'http://1', '{"a":1}')""");
        long before = number("select revision from upgrade.catalog_revision");

        schema.target("latest").load().migrate();

        Pool upgraded = pool("upgrade");
        Offers afterwards = offers(upgraded);
        try {
            assertThat(at(afterwards, before).get(Id.of(1)).attributes().get("a")).isEqualTo(1L);
            assertThatThrownBy(() -> at(afterwards, before - 1)).as("older than the history")
                    .isInstanceOf(NoSuchElementException.class);
            OfferChange first = changes(upgraded, "1").get(0);
            assertThat(first.revision()).isEqualTo(before);
            assertThat(first.changedAt()).as("the time of the migration is not the time of the change").isNull();
            assertThat(first.changedBy()).isNull();
        } finally {
            afterwards.close();
            upgraded.closeAndAwait();
        }
    }

    @Test
    void serializesWritersSoThatRevisionsAreOrdered() throws SQLException {
        long before = revision();
        try (Connection first = database.connect(); Statement statement = first.createStatement()) {
            first.setAutoCommit(false);
            statement.execute("update offer set offer_name = 'first' where offer_id = '1'");

            var second = repository().save(new Offer(Id.of(2), "second", "http://2", null, Attributes.NONE,
                    null, null), MARIA, transaction -> Uni.createFrom().voidItem()).subscribeAsCompletionStage();
            awaitWaitingTransaction();
            assertThat(second).isNotDone();
            first.commit();

            assertThat(second.join().created()).isFalse();
        }
        assertThat(names(past(before + 1))).isEqualTo("1=first 2=two");
        assertThat(names(past(revision()))).isEqualTo("1=first 2=second");
    }

    @Test
    void rejectsDeletingAnOfferThatAConcurrentActivationUses() throws SQLException {
        try (Connection activation = database.connect(); Statement statement = activation.createStatement()) {
            activation.setAutoCommit(false);
            statement.execute("select revision from catalog_revision for update");

            var deleting = repository().delete("1", MARIA).subscribeAsCompletionStage();
            awaitWaitingTransaction();
            statement.execute("insert into offer_use values ('1', 'banking', 2)");
            activation.commit();

            assertThatThrownBy(deleting::join).hasCauseInstanceOf(HttpProblem.class)
                    .hasMessageContaining("banking version 2");
        }
        assertThat(number("select count(*) from offer where offer_id = '1'")).isEqualTo(1);
    }

    @Test
    void releasesTheConnectionIfTheCatalogStaysLocked() throws SQLException {
        try (Connection unfinished = database.connect(); Statement statement = unfinished.createStatement()) {
            unfinished.setAutoCommit(false);
            statement.execute("update offer set offer_name = 'uno' where offer_id = '1'");

            assertThatThrownBy(() -> repository().delete("2", MARIA).await().atMost(Duration.ofSeconds(20)))
                    .isInstanceOfSatisfying(HttpProblem.class,
                            problem -> assertThat(problem.getStatusCode()).isEqualTo(503));
            assertThat(number("select count(*) from pg_stat_activity where wait_event_type = 'Lock'")).isZero();
        }
    }

    private static void awaitWaitingTransaction() {
        await().until(() -> number("select count(*) from pg_stat_activity where wait_event_type = 'Lock'") == 1);
    }
}
