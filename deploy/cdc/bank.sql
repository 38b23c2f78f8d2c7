-- Prepares the bank's database for change data capture. Run it once, as the owner of public.customers. Before that, a
-- user with the right to create roles runs:
--   create role debezium login replication password '...';
--   grant connect on database bank to debezium;
-- docs/cdc.md explains each part.

-- Debezium updates this published row every few seconds, because a slot only advances when changes are read.
create schema nbo_cdc;
create table nbo_cdc.heartbeat (
    only_row boolean     primary key default true check (only_row),
    at       timestamptz not null
);
insert into nbo_cdc.heartbeat (at) values (now());

-- Requests to a running Debezium, for example for a new snapshot.
create table nbo_cdc.signal (
    id   varchar(42)  primary key,
    type varchar(32)  not null,
    data varchar(2048)
);

-- The key of the old row is enough. FULL would also write every old row to the log and to Kafka: more personal data
-- without a benefit.
alter table public.customers replica identity default;

-- Created by the owner, so that Debezium needs no right to create one. To keep other columns inside the bank, add a list
-- of columns: public.customers (customer_id, income, fico).
create publication nbo_customers for table public.customers, nbo_cdc.heartbeat, nbo_cdc.signal;

grant usage on schema public, nbo_cdc to debezium;
grant select on public.customers to debezium;
grant select, update on nbo_cdc.heartbeat to debezium;
-- Debezium marks the beginning and the end of a new snapshot here.
grant select, insert on nbo_cdc.signal to debezium;
