set local lock_timeout = '3s';

-- The decision log: replaces decision_trace, which stays for replicas of the previous release. One partition per day in
-- UTC; the service creates a partition before its first decision and drops it after the retention time.
--
-- A row per decision costs several times as much as its bytes, most of it for index entries. So a row holds a block of
-- decisions, compressed by the service, and the indexes are packed as well. No personal data is outside of content,
-- except 64-bit hashes of customer ids.
create table decision_block (
    day         date        not null,                       -- the day of its decisions
    block       bigint      not null,
    first_at    timestamptz not null,
    last_at     timestamptz not null,                       -- at most 10 seconds after first_at
    ids         bytea       not null,                       -- hashes of the ids of its decisions, 8 bytes each
    content     bytea       not null,                       -- history.DecisionBlock
    primary key (block, day)
) partition by range (day);
-- Compressed by the service, if at all.
alter table decision_block alter column ids set storage external, alter column content set storage external;
create index decision_block_time on decision_block (first_at, last_at, block);
create sequence decision_block_number;

-- In which blocks the decisions of a customer, or with an id, are. The service adds rows with the hashes of all
-- decisions that it stores at once. From many such rows, history.DecisionIndex makes rows of a range of hashes each.
create table decision_index (
    day         date        not null,
    kind        smallint    not null,                       -- of the hashes: 0 customers, 1 decision ids
    bucket      int         not null,                       -- the first bits of the hashes after a leading 1; 1: all
    entries     int         not null,
    hashes      bigint[]    not null,
    blocks      bigint[]    not null,                       -- for each hash
    ids         bigint[]    not null                        -- for each customer, the hash of the decision id
) partition by range (day);
alter table decision_index alter column hashes set storage external, alter column blocks set storage external,
    alter column ids set storage external;
create index decision_index_bucket on decision_index (kind, bucket);

-- All buckets that can contain a hash.
create function decision_index_buckets(hash bigint) returns int[]
    immutable parallel safe language sql return array(
        select (1 << bits) | ((hash >> (64 - bits))::int & ((1 << bits) - 1)) from generate_series(1, 16) bits);

-- Customers who were deleted and came back: decisions from before the delete are not stored any more.
create index customer_returned on customer (erased_at) where attributes is not null and erased_at is not null;
