package io.nextbestoffer.customer;

import io.nextbestoffer.attribute.Id;

/** What change data capture says of the bank's table of customers. */
sealed interface CustomerChange {

    ChangeOrder order();

    /** A change of one customer. */
    sealed interface OfOne extends CustomerChange {
        Id id();
    }

    /**
     * The row is there now, like this.
     *
     * @param endsSnapshot whether it is the last one of a snapshot of the bank's table
     */
    record Stored(Customer customer, ChangeOrder order, boolean endsSnapshot) implements OfOne {

        Stored(Customer customer, ChangeOrder order) {
            this(customer, order, false);
        }

        @Override
        public Id id() {
            return customer.id();
        }
    }

    /** The row is gone. */
    record Deleted(Id id, ChangeOrder order) implements OfOne {
    }

    /** All rows are gone. */
    record Truncated(ChangeOrder order) implements CustomerChange {
    }

    /** Nothing about rows, for example a message of the connector. */
    record Irrelevant(ChangeOrder order) implements CustomerChange {
    }
}
