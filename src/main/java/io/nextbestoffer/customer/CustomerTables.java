package io.nextbestoffer.customer;

import java.util.List;
import java.util.Optional;

import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

import io.nextbestoffer.attribute.InvalidInputException;

/**
 * The bank's tables whose rows are customers: those that are configured, else the one that the topic is named after
 * ({@code <prefix>.<schema>.<table>}).
 */
final class CustomerTables {

    private static final Logger LOG = Logger.getLogger(CustomerTables.class);

    private static final String ANY = "*";
    /** Length of the longest qualified name in Postgres: two names of 63 characters and a dot. */
    private static final int MAX_NAME = 127;

    private final List<String> tables;
    /** Null if the tables are configured. */
    private final @Nullable String topic;

    /** @param configured {@code schema.table}, {@code table} for any schema, or {@code *} for any table */
    CustomerTables(Optional<List<String>> configured, String topic) {
        this.topic = configured.isPresent() ? null : topic;
        tables = configured.orElseGet(() -> fromTopic(topic));
    }

    private static List<String> fromTopic(String topic) {
        String[] parts = topic.split("\\.");
        if (parts.length < 3) {
            LOG.warnf("the topic %s is not named <prefix>.<schema>.<table>, and nbo.customers.tables is not set:"
                    + " rows of every table are read as customers", topic);
            return List.of(ANY);
        }
        return List.of(parts[parts.length - 2] + "." + parts[parts.length - 1]);
    }

    /**
     * @param schema null if the record does not name it
     * @param table null if the record does not name it: then there is nothing to check
     * @throws InvalidInputException if the rows of the table are not customers
     */
    void require(@Nullable String schema, @Nullable String table) {
        if (table == null) {
            return;
        }
        for (String each : tables) {
            if (matches(each, schema, table)) {
                return;
            }
        }
        String name = schema == null ? table : schema + "." + table;
        // Debezium replaces what Kafka does not allow in the name of a topic
        if (topic == null || !topic.endsWith("." + name.replaceAll("[^A-Za-z0-9._-]", "_"))) {
            throw new InvalidInputException("a row of the table "
                    + (name.length() > MAX_NAME ? name.substring(0, MAX_NAME) + "…" : name) + ", not of "
                    + String.join(" or ", tables) + " (nbo.customers.tables)");
        }
    }

    /** Allocates nothing, because this runs for every change. */
    private static boolean matches(String each, @Nullable String schema, String table) {
        if (each.equals(ANY) || each.equals(table)) {
            return true;
        }
        int dot = each.length() - table.length() - 1;
        return dot > 0 && each.charAt(dot) == '.' && each.endsWith(table)
                && (schema == null || dot == schema.length() && each.startsWith(schema));
    }
}
