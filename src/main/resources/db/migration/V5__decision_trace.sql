-- Every decision, for as long as nbo.traces.retention says. One partition for each day in UTC, which the service makes
-- when it first needs it and drops when it is too old.
create table decision_trace (
    day              date        not null,                  -- of decided_at
    decision_id      uuid        not null,
    customer_id      text        not null,
    decided_at       timestamptz not null,
    strategy         text        not null,
    strategy_version int         not null,
    offer_id         text        not null,
    decision         text        not null,                  -- the JSON on the output topic, to the letter
    inputs           text,                                  -- where the decision does not have all it used
    primary key (decision_id, day)                          -- who looks one up does not know its day
) partition by range (day);
-- A customer's decisions, newest first; and erasing them.
create index decision_trace_customer on decision_trace (customer_id, decided_at, decision_id);
-- In the order of time, page by page. Rows come in that order, so this costs little, and pages are near each other.
create index decision_trace_time on decision_trace (decided_at, decision_id);
