-- What change data capture needs in the bank's database, once, as the owner of public.customers. The role is made before,
-- by who may make roles:
--   create role debezium login replication password '...';
--   grant connect on database bank to debezium;
-- docs/cdc.md says why each is needed.

-- A heartbeat writes its row each few seconds, and is published: only by reading changes does a slot move on.
create schema nbo_cdc;
create table nbo_cdc.heartbeat (
    only_row boolean     primary key default true check (only_row),
    at       timestamptz not null
);
insert into nbo_cdc.heartbeat (at) values (now());

-- Asks Debezium for something while it runs, such as to read the table again.
create table nbo_cdc.signal (
    id   varchar(42)  primary key,
    type varchar(32)  not null,
    data varchar(2048)
);

-- The key of the old row is enough. FULL would write each old row to the log and to Kafka as well, which is more
-- personal data for nothing.
alter table public.customers replica identity default;

-- Made by the owner, so that Debezium needs no right to make one. A list of columns behind a table,
-- public.customers (customer_id, income, fico), keeps the others in the bank.
create publication nbo_customers for table public.customers, nbo_cdc.heartbeat, nbo_cdc.signal;

grant usage on schema public, nbo_cdc to debezium;
grant select on public.customers to debezium;
grant select, update on nbo_cdc.heartbeat to debezium;
-- It marks where a new reading of the table begins and ends.
grant select, insert on nbo_cdc.signal to debezium;
