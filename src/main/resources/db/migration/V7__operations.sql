set local lock_timeout = '3s';

-- From here on migrations expand only, so that replicas of the release before go on beside the new ones; what contracts
-- says so in schema_contract (CONTRIBUTING.md; MigrationsIT holds it).

-- Since which schema version a release can have come to go on with this schema. A service checks it at its start.
create table schema_contract (
    only_row        boolean primary key default true check (only_row),
    usable_from     int     not null
);
insert into schema_contract (usable_from) values (6);

-- What operators started: repairs that take a while. The replica that runs one says each second that it is there.
create table operation (
    operation_id    uuid    primary key,
    kind            text    not null,
    state           text    not null default 'running'
        check (state in ('running', 'done', 'cancelled', 'failed', 'lost')),
    instance        text    not null,
    created_by      text,                               -- null: the service asked for no name
    created_at      timestamptz not null default now(),
    updated_at      timestamptz not null default now(),
    finished_at     timestamptz,
    done            bigint  not null default 0,
    total           bigint,
    result          text,                               -- JSON, counts only
    problem         text                                -- why it failed
);
-- One of a kind at a time, on whichever replica.
create unique index operation_running on operation (kind) where state = 'running';
create index operation_created on operation (created_at, operation_id);

-- The bank's clock, as changes have it. Null where it can't be one: a record may say anything, and no batch fails for it.
create function source_time(ms bigint) returns timestamptz
    language sql immutable as $$
    select case when ms between 0 and 253402300799999 then to_timestamp(ms / 1000.0) end
$$;

-- When a customer who has come back was erased, by a delete or a truncate: what was decided before is not his any more.
alter table customer add column erased_at timestamptz;
alter table customer_truncation add column truncated_at timestamptz;

-- The last snapshot of the bank's table that Debezium has completed. Who was not in it is not in the bank.
create table customer_snapshot (
    only_row        boolean primary key default true check (only_row),
    lsn             bigint  not null,
    source_ts_ms    bigint  not null
);

-- Which dead letters were sent to their input again. The number of a round is committed with its records, as metadata
-- of an offset; so after a crash it is known whether a round that is not done here was.
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
