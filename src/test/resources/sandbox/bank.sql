-- The bank's system of record. Runs as its owner, role bank.
create table public.customers (
    customer_id int primary key,
    first_name  text,
    last_name   text,
    email       text,
    gender      text,
    income      int,
    fico        int,
    -- Further inputs of recommendations and of the insurance strategy
    age                 int,
    credit_score        int,
    avg_account_balance double precision,
    existing_products   text[],
    years_active        int
);

-- The key of the old row is enough: it identifies the customer, and the service takes everything else from the new row.
-- FULL would also write each old row to the log and to Kafka: more personal data without a benefit.
alter table public.customers replica identity default;

-- Created by the owner, so that Debezium may read this table and its changes, and nothing else.
create publication nbo_sandbox for table public.customers;
grant select on public.customers to debezium;
