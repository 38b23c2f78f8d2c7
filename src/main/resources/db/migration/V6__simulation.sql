-- Simulations, for whichever replica is asked. The one that took it runs it and says once a second that it is there.
-- No samples: they can be personal data, and stay in the memory of that replica.
create table simulation (
    simulation_id uuid        primary key,
    created_at    timestamptz not null default now(),
    created_by    text,
    strategy      text        not null,                 -- name of the draft
    request       text        not null,                 -- JSON, with the number of samples instead of them
    state         text        not null default 'queued'
        check (state in ('queued', 'running', 'done', 'cancelled', 'failed', 'lost')),
    started_at    timestamptz,
    finished_at   timestamptz,
    done          bigint      not null default 0,
    total         bigint,                               -- null until it is known
    report        text,                                 -- JSON
    problem       text,                                 -- why it failed
    instance      text        not null,
    updated_at    timestamptz not null default now()
);
-- Newest first; and what is too old.
create index simulation_created on simulation (created_at, simulation_id);
