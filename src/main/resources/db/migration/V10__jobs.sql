set local lock_timeout = '3s';

-- Long-running work: simulations, and repairs that operators start. The replica that holds a job stores a heartbeat
-- each second; once heartbeats are missing, another replica takes a repeatable job over, and any other job is lost.
-- Replaces the tables operation and simulation.
create table job (
    job_id          uuid        primary key,
    kind            text        not null,
    subject         text,                               -- what the job works on, for example a strategy or a topic
    state           text        not null default 'queued'
        check (state in ('queued', 'running', 'paused', 'done', 'cancelled', 'failed', 'lost')),
    exclusive       boolean     not null,               -- at most one active job of its kind, over all replicas
    repeatable      boolean     not null,               -- any replica can run it, from the columns of this row alone
    parameters      text        not null,               -- JSON, without personal data
    checkpoint      text,                               -- JSON; null: an attempt starts at the beginning
    done            bigint      not null default 0,
    total           bigint,                             -- null until it is known
    result          text,                               -- JSON, without personal data; null until it is done
    problem         text,                               -- why the job failed or is lost
    replica         text,                               -- the replica that holds the job; null: any may take it
    attempt         int         not null default 0,     -- fencing token: rises with each replica that takes the job
    takeovers       int         not null default 0,     -- attempts that ended because their replica died
    heartbeat_at    timestamptz not null default now(),
    created_at      timestamptz not null default now(),
    created_by      text,                               -- null: the caller gave no name (without tokens only)
    started_at      timestamptz,
    changed_at      timestamptz not null default now(), -- time of the last change of state
    finished_at     timestamptz,
    paused_by       text,                               -- the last to pause, resume and cancel the job
    resumed_by      text,
    cancelled_by    text
);
create unique index job_exclusive on job (kind) where exclusive and state in ('queued', 'running', 'paused');
create index job_active on job (kind, created_at, job_id) where state in ('queued', 'running', 'paused');
create index job_created on job (kind, created_at, job_id);

-- Moves finished rows. Replicas of the previous release finish their jobs in the old tables, which a later migration
-- drops.
with moved as (
    delete from operation where state <> 'running' returning *
)
insert into job (job_id, kind, state, exclusive, repeatable, parameters, done, total, result, problem, replica, attempt,
    created_at, created_by, started_at, changed_at, finished_at)
select operation_id, kind, state, true, true, '{}', done, total, result, problem, instance, 1,
    created_at, created_by, created_at, coalesce(finished_at, updated_at), finished_at
from moved;

with moved as (
    delete from simulation where state not in ('queued', 'running') returning *
)
insert into job (job_id, kind, subject, state, exclusive, repeatable, parameters, done, total, result, problem, replica,
    attempt, created_at, created_by, started_at, changed_at, finished_at)
select simulation_id, 'simulation', strategy, state, false, false, request, done, total, report, problem, instance,
    1, created_at, created_by, started_at, coalesce(finished_at, updated_at), finished_at
from moved;

-- Who replayed a dead letter.
alter table dead_letter_replay add column replayed_by text;
