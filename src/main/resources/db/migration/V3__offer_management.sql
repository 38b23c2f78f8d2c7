-- An offer is valid from valid_from (inclusive) until valid_until (exclusive). Null means no limit.
alter table offer
    add column valid_from  timestamptz,
    add column valid_until timestamptz,
    add constraint offer_valid_from_before_until check (valid_from < valid_until);

-- As for customers, json instead of jsonb: jsonb rewrites numbers, and 1e20 would become too long to read back.
alter table offer
    alter column attributes drop default,
    alter column attributes type json using attributes::json,
    alter column attributes set default '{}';

-- The history of each offer, by catalog revision, so that a decision is explained with the catalog that it used.
create table offer_version (
    offer_id        text    not null,
    since_revision  bigint  not null,
    deleted         boolean not null,                   -- if true, the columns below are null
    numeric_id      boolean,
    offer_name      text,
    offer_url       text,
    category        text,
    attributes      json,
    valid_from      timestamptz,
    valid_until     timestamptz,
    primary key (offer_id, since_revision)
);

-- The history starts here. Earlier catalogs are unknown, not empty.
alter table catalog_revision add column history_from bigint;
update catalog_revision set history_from = revision;
alter table catalog_revision alter column history_from set not null;

insert into offer_version
select o.offer_id, r.revision, false, o.numeric_id, o.offer_name, o.offer_url, o.category, o.attributes
from offer o, catalog_revision r;

-- The trigger now runs before each statement, because the row triggers need the new revision. It also serializes
-- writers with each other and with transactions that lock catalog_revision. ("on conflict do update" counts twice: as
-- an insert and as an update.)
drop trigger offer_changed on offer;
create or replace function offer_changed() returns trigger language plpgsql as $$
begin
    update catalog_revision set revision = revision + 1;
    if tg_op = 'TRUNCATE' then -- which fires no row triggers
        insert into offer_version (offer_id, since_revision, deleted)
        select o.offer_id, r.revision, true from offer o, catalog_revision r;
    end if;
    return null;
end
$$;
create trigger offer_changed before insert or update or delete or truncate on offer
    for each statement execute function offer_changed();

create function offer_versioned() returns trigger language plpgsql as $$
declare
    present constant bigint := (select revision from catalog_revision);
begin
    -- A statement that renumbers ids (2 to 3 and 1 to 2) touches an id twice: the last state counts
    delete from offer_version where since_revision = present and offer_id in (old.offer_id, new.offer_id);
    if old.offer_id <> new.offer_id or tg_op = 'DELETE' then
        insert into offer_version (offer_id, since_revision, deleted) values (old.offer_id, present, true);
    end if;
    if tg_op <> 'DELETE' then
        insert into offer_version values (new.offer_id, present, false, new.numeric_id, new.offer_name, new.offer_url,
            new.category, new.attributes, new.valid_from, new.valid_until);
    end if;
    return null;
end
$$;
create trigger offer_versioned after insert or delete on offer
    for each row execute function offer_versioned();
-- A nightly job may rewrite all offers without a change: that must not add to the history
create trigger offer_updated after update on offer
    for each row when ((old.offer_id, old.offer_name, old.offer_url, old.category, old.attributes::text,
        old.valid_from, old.valid_until) is distinct from (new.offer_id, new.offer_name, new.offer_url, new.category,
        new.attributes::text, new.valid_from, new.valid_until))
    execute function offer_versioned();

-- The offers that active strategies refer to, which must not be deleted. A transaction that writes this table locks
-- catalog_revision first ("select … for update"); the trigger of a deletion takes the same lock.
create table offer_use (
    offer_id        text    not null,
    strategy        text    not null,
    version         int     not null,
    until           timestamptz,                        -- when the use ends
    primary key (offer_id, strategy, version)
);
