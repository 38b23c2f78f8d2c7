-- The bank's system of record. Runs as its owner, role bank.
create table public.customers (
    customer_id int primary key,
    first_name  text,
    last_name   text,
    email       text,
    gender      text,
    income      int,
    fico        int,
    -- What recommendations and the insurer's rules look at, besides
    age                 int,
    credit_score        int,
    avg_account_balance double precision,
    existing_products   text[],
    years_active        int
);

-- Only the key of the old row: the service finds the customer by it and takes everything else from the new row.
-- FULL would write each old row to the log and to Kafka as well, which is more personal data for nothing.
alter table public.customers replica identity default;

-- Debezium may read this table and its changes, and nothing else; so the owner makes the publication.
create publication nbo_sandbox for table public.customers;
grant select on public.customers to debezium;
