-- Versions of strategies, and of the routing between them (under the name routing). A stored document never changes: a
-- changed text is a new version.
create table strategy_version (
    strategy        text    not null check (strategy ~ '^[a-z][a-z0-9-]{0,63}$'),
    version         int     not null check (version > 0),
    kind            text    not null,                   -- first-match, rank or routing
    description     text    not null,
    document        text    not null,                   -- exactly as it was posted
    author          text    not null,
    created_at      timestamptz not null default clock_timestamp(),
    comment         text,
    discarded_at    timestamptz,
    primary key (strategy, version)
);

create table strategy_approval (
    strategy        text    not null,
    version         int     not null,
    approved_by     text    not null,
    approved_at     timestamptz not null default clock_timestamp(),
    comment         text    not null,
    primary key (strategy, version, approved_by),
    foreign key (strategy, version) references strategy_version
);

-- Past, current and scheduled activations. The active version of a strategy is its latest activation that has taken
-- effect. Rows are only added.
create table strategy_activation (
    activation_id   bigint  primary key generated always as identity,
    strategy        text    not null,
    version         int     not null,
    effective_at    timestamptz not null,
    activated_by    text    not null,
    activated_at    timestamptz not null default clock_timestamp(),
    reason          text    not null,
    restores        bigint  references strategy_activation, -- the activation that a rollback restores
    foreign key (strategy, version) references strategy_version
);
create index strategy_activation_strategy on strategy_activation (strategy, activation_id);

-- The audit trail. Not even the service can change it.
create table strategy_audit (
    audit_id        bigint  primary key generated always as identity,
    strategy        text    not null,
    version         int     not null,
    action          text    not null,
    who             text    not null,
    happened_at     timestamptz not null default clock_timestamp(),
    reason          text
);
create index strategy_audit_strategy on strategy_audit (strategy, audit_id);

create function strategy_audit_stays() returns trigger language plpgsql as $$
begin
    raise exception 'strategy_audit is append-only';
end
$$;
create trigger strategy_audit_stays before update or delete or truncate on strategy_audit
    for each statement execute function strategy_audit_stays();

-- Replicas poll this revision, like that of the catalog. Every transaction that writes one of the tables above first
-- locks this row ("for update").
create table strategy_revision (
    only_row        boolean primary key default true check (only_row),
    revision        bigint  not null
);
insert into strategy_revision (revision) values (1);

create function strategy_activated() returns trigger language plpgsql as $$
begin
    update strategy_revision set revision = revision + 1;
    return null;
end
$$;
create trigger strategy_activated after insert on strategy_activation
    for each statement execute function strategy_activated();
