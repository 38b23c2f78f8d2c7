package io.nextbestoffer.customer;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;

import org.junit.jupiter.api.Test;

import io.nextbestoffer.attribute.InvalidInputException;

class CustomerTablesTest {

    private static void accepts(CustomerTables tables, String schema, String table) {
        assertThatCode(() -> tables.require(schema, table)).doesNotThrowAnyException();
    }

    private static void rejects(CustomerTables tables, String schema, String table, String message) {
        assertThatThrownBy(() -> tables.require(schema, table)).isInstanceOf(InvalidInputException.class)
                .hasMessage(message);
    }

    @Test
    void acceptsTheTableThatTheTopicIsNamedAfter() {
        var tables = new CustomerTables(Optional.empty(), "prod.bank.public.customers");

        accepts(tables, "public", "customers");
        accepts(tables, null, "customers");
        accepts(tables, null, null);
        rejects(tables, "public", "accounts",
                "a row of the table public.accounts, not of public.customers (nbo.customers.tables)");
        rejects(tables, "audit", "customers",
                "a row of the table audit.customers, not of public.customers (nbo.customers.tables)");
        rejects(tables, "public", "old_customers",
                "a row of the table public.old_customers, not of public.customers (nbo.customers.tables)");
    }

    @Test
    void acceptsNamesThatKafkaDoesNotAllow() {
        accepts(new CustomerTables(Optional.empty(), "bank.public.K_nden_2"), "public", "Künden 2");
    }

    @Test
    void acceptsAnyTableOfATopicWithAnotherName() {
        accepts(new CustomerTables(Optional.empty(), "customers"), "public", "accounts");
    }

    @Test
    void acceptsTheConfiguredTables() {
        var tables = new CustomerTables(Optional.of(List.of("crm.clients", "customers_p1")), "bank.public.customers");

        accepts(tables, "crm", "clients");
        accepts(tables, "any", "customers_p1");
        rejects(tables, "public", "customers",
                "a row of the table public.customers, not of crm.clients or customers_p1 (nbo.customers.tables)");
        accepts(new CustomerTables(Optional.of(List.of("*")), "bank.public.customers"), "public", "accounts");
    }
}
