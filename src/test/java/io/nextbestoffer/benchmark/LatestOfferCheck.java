package io.nextbestoffer.benchmark;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** Counts the customers whose row in the table of latest offers is not the offer of their last activity. */
final class LatestOfferCheck {
    private static final int ROWS_PER_FETCH = 5_000;

    private final ExpectedOffers answers;
    private final int[] last;
    private int expected;
    private int right;
    private int wrong;

    /** @param customers number of customers */
    LatestOfferCheck(int customers, ExpectedOffers answers) {
        this.answers = answers;
        last = answers.lastOfEach(customers);
        for (int activity : last) {
            expected += activity < 0 ? 0 : 1;
        }
    }

    /** Reads the whole table of a database, and returns the number of customers whose row is missing or wrong. */
    static int wrong(String jdbcUrl, int customers, ExpectedOffers answers) {
        LatestOfferCheck check = new LatestOfferCheck(customers, answers);
        try (Connection postgres = DriverManager.getConnection(jdbcUrl, "nbo", "nbo")) {
            postgres.setAutoCommit(false); // otherwise the driver reads all rows at once
            try (Statement statement = postgres.createStatement()) {
                statement.setFetchSize(ROWS_PER_FETCH);
                try (ResultSet row = statement.executeQuery("select customer_id, decision from latest_offer")) {
                    while (row.next()) {
                        check.take(row.getString(1), row.getString(2));
                    }
                }
            }
        } catch (SQLException e) {
            throw new IllegalStateException("could not read the latest offers", e);
        }
        return check.wrong();
    }

    /** Checks one row. */
    void take(String customer, String decision) {
        try {
            OfferFields offer = OfferFields.read(decision.getBytes(StandardCharsets.UTF_8));
            if (offer.activity() >= 0 && offer.customer() > 0 && offer.customer() < last.length
                    && customer.equals(Integer.toString(offer.customer()))
                    && offer.activity() == last[offer.customer()]
                    && offer.offer() == answers.offer(offer.activity())) {
                right++;
            } else {
                wrong++;
            }
        } catch (IOException e) {
            wrong++;
        }
    }

    /** The number of customers without the right row; at least the number of wrong rows. */
    int wrong() {
        return Math.max(wrong, expected - right);
    }
}
