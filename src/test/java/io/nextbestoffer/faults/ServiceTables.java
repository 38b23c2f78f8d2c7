package io.nextbestoffer.faults;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

import io.nextbestoffer.sandbox.SandboxPostgres;

/** Reads the tables of the service's database. */
final class ServiceTables {

    private final SandboxPostgres postgres;

    ServiceTables(SandboxPostgres postgres) {
        this.postgres = postgres;
    }

    private interface Row {
        void accept(ResultSet row) throws SQLException;
    }

    /** All customers, except the markers of deleted ones. */
    Map<Integer, ChangingBank.Profile> customers() throws SQLException {
        Map<Integer, ChangingBank.Profile> found = new HashMap<>();
        each("""
                select customer_id::int, (attributes ->> 'income')::int, (attributes ->> 'fico')::int
                from customer where attributes is not null""",
                row -> found.put(row.getInt(1), new ChangingBank.Profile(row.getInt(2), row.getInt(3))));
        return found;
    }

    Map<Integer, String> latestOffers() throws SQLException {
        Map<Integer, String> found = new HashMap<>();
        each("select customer_id::int, decision from latest_offer",
                row -> found.put(row.getInt(1), row.getString(2)));
        return found;
    }

    /** Positions of parked activities that are not being released. */
    Set<String> parked() throws SQLException {
        Set<String> found = new HashSet<>();
        each("select topic_partition, topic_offset from parked_activity where release_number is null",
                row -> found.add(row.getInt(1) + "/" + row.getLong(2)));
        return found;
    }

    /** Number of parked activities that are being released, or have just been. */
    int releasing() throws SQLException {
        int[] count = new int[1];
        each("select count(*) from parked_activity where release_number is not null", row -> count[0] = row.getInt(1));
        return count[0];
    }

    private void each(String query, Row action) throws SQLException {
        try (Connection nbo = postgres.connectToNbo();
                Statement statement = nbo.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            while (rows.next()) {
                action.accept(rows);
            }
        }
    }
}
