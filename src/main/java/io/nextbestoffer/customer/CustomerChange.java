package io.nextbestoffer.customer;

import java.util.List;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.attribute.Attributes;
import io.nextbestoffer.attribute.Id;

/** A change of the bank's table of customers. */
sealed interface CustomerChange {

    ChangeOrder order();

    /** A change of one customer. */
    sealed interface OfOne extends CustomerChange {

        Id id();

        /** The other columns of a composite key, as JSON; null if the customer's id is the whole key. */
        @Nullable
        String rowKey();
    }

    /**
     * The row was inserted, changed or read.
     *
     * @param customer the customer, without the attributes that are missing
     * @param endsSnapshot whether it is the last row of a snapshot of the bank's table
     * @param missing attributes that Postgres did not send because they did not change: they keep their values
     */
    record Stored(Customer customer, ChangeOrder order, boolean endsSnapshot, List<String> missing,
            @Nullable String rowKey) implements OfOne {

        Stored(Customer customer, ChangeOrder order) {
            this(customer, order, false, List.of(), null);
        }

        @Override
        public Id id() {
            return customer.id();
        }

        /**
         * Returns this change with its missing values filled in from the attributes before it, if those contain them.
         * The SQL function {@code with_missing_attributes} does the same for the table.
         */
        Stored over(Attributes before) {
            if (missing.isEmpty()) {
                return this;
            }
            var attributes = new Attributes.Builder();
            customer.attributes().forEach(attributes::add);
            missing.stream().filter(before::contains).forEach(name -> attributes.add(name, before.get(name)));
            return new Stored(new Customer(customer.id(), attributes.build()), order, endsSnapshot,
                    missing.stream().filter(name -> !before.contains(name)).toList(), rowKey);
        }

        /**
         * Returns this change for a customer who did not exist before, so that nothing can provide its missing values.
         */
        Stored overNothing() {
            return new Stored(customer, order, endsSnapshot, List.of(), rowKey);
        }
    }

    /** The row was deleted. */
    record Deleted(Id id, ChangeOrder order, @Nullable String rowKey) implements OfOne {

        Deleted(Id id, ChangeOrder order) {
            this(id, order, null);
        }

        /** Whether another row of the same customer is stored, so that the customer still exists. */
        boolean isOfAnotherRowThan(@Nullable String stored) {
            return rowKey != null && stored != null && !rowKey.equals(stored);
        }
    }

    /** All rows were deleted. */
    record Truncated(ChangeOrder order) implements CustomerChange {
    }

    /** Not a change of rows, for example a message of the connector. */
    record Irrelevant(ChangeOrder order) implements CustomerChange {
    }
}
