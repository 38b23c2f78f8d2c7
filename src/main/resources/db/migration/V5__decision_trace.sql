-- The decision log: every decision is kept for nbo.traces.retention. One partition per day in UTC; the service creates
-- a partition before its first decision and drops it after the retention time.
create table decision_trace (
    day              date        not null,                  -- the day of decided_at
    decision_id      uuid        not null,
    customer_id      text        not null,
    decided_at       timestamptz not null,
    strategy         text        not null,
    strategy_version int         not null,
    offer_id         text        not null,
    decision         text        not null,                  -- the JSON of the output topic, unchanged
    inputs           text,                                  -- null if the decision contains all its inputs
    primary key (decision_id, day)                          -- a look-up by id does not know the day
) partition by range (day);
-- Used to list and to erase the decisions of a customer.
create index decision_trace_customer on decision_trace (customer_id, decided_at, decision_id);
-- Used to read all decisions by time, page by page. Rows are inserted in about that order, so the index costs
-- little.
create index decision_trace_time on decision_trace (decided_at, decision_id);
