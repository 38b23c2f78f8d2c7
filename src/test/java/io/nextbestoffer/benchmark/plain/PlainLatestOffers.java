package io.nextbestoffer.benchmark.plain;

import java.nio.charset.StandardCharsets;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;

/** The table of each customer's latest offer, written with one statement per batch. */
final class PlainLatestOffers implements AutoCloseable {
    // Space for heap-only updates, as in the service's table
    private static final String TABLE = """
            create table if not exists latest_offer (customer_id text primary key, decision text not null)
            with (fillfactor = 70)""";
    private static final String UPSERT = """
            insert into latest_offer (customer_id, decision)
            select * from unnest(?, ?)
            on conflict (customer_id) do update set decision = excluded.decision""";

    private final Connection postgres;
    private final PreparedStatement upsert;

    PlainLatestOffers(Connection postgres) throws SQLException {
        this.postgres = postgres;
        try (Statement statement = postgres.createStatement()) {
            statement.execute(TABLE);
        }
        upsert = postgres.prepareStatement(UPSERT);
    }

    /** @param offers the last offer of each customer in a batch, as JSON */
    void store(Map<String, byte[]> offers) throws SQLException {
        upsert.setArray(1, text(offers.keySet().toArray()));
        upsert.setArray(2, text(offers.values().stream().map(json -> new String(json, StandardCharsets.UTF_8))
                .toArray()));
        upsert.executeUpdate();
    }

    private Array text(Object[] values) throws SQLException {
        return postgres.createArrayOf("text", values);
    }

    @Override
    public void close() throws SQLException {
        upsert.close();
    }
}
