-- Simulations; any replica can show them. The replica that accepted a simulation runs it and updates updated_at every
-- second. Samples are not stored: they can be personal data, and stay in the memory of that replica.
create table simulation (
    simulation_id uuid        primary key,
    created_at    timestamptz not null default now(),
    created_by    text,
    strategy      text        not null,                 -- name of the draft
    request       text        not null,                 -- JSON, with the number of samples instead of the samples
    state         text        not null default 'queued'
        check (state in ('queued', 'running', 'done', 'cancelled', 'failed', 'lost')),
    started_at    timestamptz,
    finished_at   timestamptz,
    done          bigint      not null default 0,
    total         bigint,                               -- null while unknown
    report        text,                                 -- JSON
    problem       text,                                 -- cause of a failure
    instance      text        not null,
    updated_at    timestamptz not null default now()
);
-- Used to list simulations, newest first, and to delete expired ones.
create index simulation_created on simulation (created_at, simulation_id);
