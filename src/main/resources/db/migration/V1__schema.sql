-- A position in Kafka is (topic id, partition, offset). A topic that is deleted and created again gets another id.

-- The bank's customers, kept up to date by change data capture.
-- A row without attributes marks a deleted customer, so that a replay of older changes cannot restore them.
create table customer (
    customer_id     text    primary key,
    numeric_id      boolean not null,                   -- the id is a number, in the input and in the output
    attributes      json,                               -- not jsonb, which rewrites numbers, for example 1e20
    lsn             bigint,                             -- of the last applied change; null if its record had none
    source_ts_ms    bigint,
    topic_id        uuid    not null,
    topic_partition int     not null,
    topic_offset    bigint  not null,
    changed_at      timestamptz not null default now()
);
create index customer_deleted on customer (changed_at) where attributes is null;

-- The last truncate of the bank's table. Older changes are ignored.
create table customer_truncation (
    only_row        boolean primary key default true check (only_row),
    lsn             bigint,
    source_ts_ms    bigint,
    topic_id        uuid    not null,
    topic_partition int     not null,
    topic_offset    bigint  not null
);

-- The order of changes; customer.ChangeOrder is the same for the cache. A change is older if its LSN or its time is
-- smaller and the other one is not greater. If one of the two changes has no LSN, their offsets decide, provided that
-- they are in the same partition.
create function change_is_older(
    lsn bigint, source_ts_ms bigint, topic_id uuid, topic_partition int, topic_offset bigint,
    than_lsn bigint, than_source_ts_ms bigint, than_topic_id uuid, than_topic_partition int, than_topic_offset bigint
) returns boolean immutable language sql return
    case when lsn is not null and than_lsn is not null
        then lsn <= than_lsn and coalesce(source_ts_ms <= than_source_ts_ms, true)
            and (lsn < than_lsn or coalesce(source_ts_ms < than_source_ts_ms, false))
        else topic_id = than_topic_id and topic_partition = than_topic_partition and topic_offset < than_topic_offset
    end;

-- The latest offer of each customer. Every decision updates a row, so pages keep space for heap-only updates.
create table latest_offer (
    customer_id     text    primary key,
    decision        text    not null,                   -- the JSON of the output topic, unchanged
    inputs          text    not null,                   -- JSON of the attributes that the decision used
    topic_id        uuid    not null,
    topic_partition int     not null,
    topic_offset    bigint  not null,
    record_ts_ms    bigint  not null                    -- Kafka's timestamp of the activity
) with (fillfactor = 70);

-- Fencing: which generation of the consumer group owns a partition of the input topic. A rewind changes the token.
create table partition_claim (
    topic_id        uuid    not null,
    topic_partition int     not null,
    generation      int     not null,
    token           uuid    not null,
    primary key (topic_id, topic_partition)
);

-- Activities whose customer is not known yet. The contents become null when the customer is erased.
create table parked_activity (
    topic_id        uuid    not null,
    topic_partition int     not null,
    topic_offset    bigint  not null,
    customer_id     text,
    record_key      bytea,
    record_value    bytea,
    record_headers  bytea,
    record_ts_ms    bigint  not null,
    parked_at       timestamptz not null default now(),
    release_number  bigint,                             -- set when its offer is about to be sent
    primary key (topic_id, topic_partition, topic_offset)
);
create index parked_activity_customer on parked_activity (customer_id);

-- The offer catalog.
create table offer (
    offer_id        text    primary key check (length(offer_id) between 1 and 256),
    numeric_id      boolean not null generated always as (offer_id ~ '^(0|-?[1-9][0-9]{0,17})$') stored,
    offer_name      text    not null,
    offer_url       text    not null,
    category        text,
    attributes      jsonb   not null default '{}'
);

-- Replicas poll the revision and reload the catalog when it changes. (NOTIFY would get lost in connection poolers and
-- when a connection drops.)
create table catalog_revision (
    only_row        boolean primary key default true check (only_row),
    revision        bigint  not null
);
insert into catalog_revision (revision) values (1);

create function offer_changed() returns trigger language plpgsql as $$
begin
    update catalog_revision set revision = revision + 1;
    return null;
end
$$;
create trigger offer_changed after insert or update or delete or truncate on offer
    for each statement execute function offer_changed();

-- Requests with an Idempotency-Key.
create table idempotency_key (
    idempotency_key text    primary key,
    body_hash       bytea   not null,
    done            boolean not null default false,
    taken_at        timestamptz not null default now()
);
create index idempotency_key_taken on idempotency_key (taken_at);
