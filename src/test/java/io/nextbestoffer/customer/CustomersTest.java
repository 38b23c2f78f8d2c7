package io.nextbestoffer.customer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.UUID;

import org.junit.jupiter.api.Test;

import io.nextbestoffer.attribute.Id;
import io.nextbestoffer.attribute.JsonReader;
import io.nextbestoffer.customer.CustomerChange.Deleted;
import io.nextbestoffer.customer.CustomerChange.Stored;
import io.nextbestoffer.kafka.topic.RecordPosition;

/** Tests how the cache applies changes. */
class CustomersTest {

    private static final Id ID = Id.of(901);
    private static final String ROW_A = "{\"branch\":\"A\"}";
    private static final String ROW_B = "{\"branch\":\"B\"}";

    private static ChangeOrder order(long lsn) {
        return new ChangeOrder(lsn, lsn, new RecordPosition(new UUID(0, 1), 0, lsn));
    }

    private static Customer customer(String attributes) {
        return new Customer(ID, JsonReader.object(JsonReader.utf8(attributes)));
    }

    private static Stored stored(long lsn, String attributes, String... missing) {
        return new Stored(customer(attributes), order(lsn), false, List.of(missing), null);
    }

    private static CustomerRows.Stored cached(long lsn, String attributes) {
        return new CustomerRows.Stored(customer(attributes), order(lsn), null, 0);
    }

    @Test
    void keepsCachedValuesThatPostgresDidNotSend() {
        assertThat(
                Customers.after(cached(1, "{\"income\":1,\"notes\":\"long\"}"), stored(2, "{\"income\":2}", "notes")))
                .isEqualTo(cached(2, "{\"income\":2,\"notes\":\"long\"}"));
        assertThat(Customers.after(cached(1, "{\"income\":1}"), stored(2, "{\"income\":2}", "notes")))
                .isEqualTo(cached(2, "{\"income\":2}"));
        assertThat(Customers.after(cached(3, "{\"income\":3,\"notes\":\"x\"}"), stored(2, "{\"income\":2}", "notes")))
                .isEqualTo(cached(3, "{\"income\":3,\"notes\":\"x\"}"));
    }

    @Test
    void keepsACustomerWhenAnotherOfTheirRowsIsDeleted() {
        var b = new CustomerRows.Stored(customer("{}"), order(2), ROW_B, 0);

        assertThat(Customers.after(b, new Deleted(ID, order(3), ROW_A))).isSameAs(b);
        assertThat(Customers.after(b, new Deleted(ID, order(3), ROW_B))).isNull();
        assertThat(Customers.after(b, new Deleted(ID, order(3)))).isNull();
        assertThat(Customers.after(b, new Deleted(ID, order(1), ROW_B))).isSameAs(b);
    }

    @Test
    void combinesRecentChanges() {
        Stored full = stored(1, "{\"income\":1,\"notes\":\"long\"}");
        Stored part = stored(2, "{\"income\":2}", "notes");
        Deleted deleted = new Deleted(ID, order(1));

        assertThat(Customers.both(full, part)).isEqualTo(stored(2, "{\"income\":2,\"notes\":\"long\"}"));
        assertThat(Customers.both(part, full)).isEqualTo(part);
        assertThat(Customers.both(full, new Deleted(ID, order(2)))).isInstanceOf(Deleted.class);
        assertThat(Customers.both(deleted, part)).as("no value from before the delete").isEqualTo(
                stored(2, "{\"income\":2}"));
        var rowB = new Stored(customer("{}"), order(2), false, List.of(), ROW_B);
        assertThat(Customers.both(rowB, new Deleted(ID, order(3), ROW_A))).isEqualTo(rowB);
    }
}
