set local lock_timeout = '3s';

-- From here on, migrations only expand, so that replicas of the previous release keep working beside the new ones. A
-- migration that contracts raises schema_contract.usable_from (CONTRIBUTING.md; MigrationsIT checks it).

-- A release that was built for a schema version below usable_from can't use this schema, and does not start.
create table schema_contract (
    only_row        boolean primary key default true check (only_row),
    usable_from     int     not null
);
insert into schema_contract (usable_from) values (6);

-- Long-running repairs that operators started. The replica that runs one updates updated_at every second.
create table operation (
    operation_id    uuid    primary key,
    kind            text    not null,
    state           text    not null default 'running'
        check (state in ('running', 'done', 'cancelled', 'failed', 'lost')),
    instance        text    not null,
    created_by      text,                               -- null if the caller gave no name (without tokens only)
    created_at      timestamptz not null default now(),
    updated_at      timestamptz not null default now(),
    finished_at     timestamptz,
    done            bigint  not null default 0,
    total           bigint,
    result          text,                               -- JSON, counts only
    problem         text                                -- cause of a failure
);
-- Only one operation of a kind runs at a time, over all replicas.
create unique index operation_running on operation (kind) where state = 'running';
create index operation_created on operation (created_at, operation_id);

-- The time of a change, by the bank's clock. Null instead of an error if the value is out of range: it must not fail a
-- batch.
create function source_time(ms bigint) returns timestamptz
    language sql immutable as $$
    select case when ms between 0 and 253402300799999 then to_timestamp(ms / 1000.0) end
$$;

-- When a customer who has come back was erased, by a delete or a truncate. Earlier decisions stay erased.
alter table customer add column erased_at timestamptz;
alter table customer_truncation add column truncated_at timestamptz;

-- The last complete snapshot of the bank's table by Debezium. Customers that are not in it no longer exist.
create table customer_snapshot (
    only_row        boolean primary key default true check (only_row),
    lsn             bigint  not null,
    source_ts_ms    bigint  not null
);

-- Dead letters that were replayed to their input topic. The number of a round is committed together with its records,
-- as the metadata of an offset. After a crash, it shows whether a round that is not marked as done here was committed.
create table dead_letter_replay (
    topic_id        uuid    not null,                   -- of the dead-letter topic
    topic_partition int     not null,
    topic_offset    bigint  not null,
    round           bigint  not null,
    done            boolean not null default false,
    replayed_at     timestamptz not null default now(),
    primary key (topic_id, topic_partition, topic_offset)
);
create index dead_letter_replay_open on dead_letter_replay (topic_id) where not done;
