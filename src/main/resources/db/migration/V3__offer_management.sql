-- When an offer holds: from valid_from on, before valid_until; null is without limit.
alter table offer
    add column valid_from  timestamptz,
    add column valid_until timestamptz,
    add constraint offer_valid_from_before_until check (valid_from < valid_until);

-- Like the profiles of customers not jsonb, which rewrites numbers: 1e20 would come back too long to be read.
alter table offer
    alter column attributes drop default,
    alter column attributes type json using attributes::json,
    alter column attributes set default '{}';

-- What each offer was from which revision on, so that a decision can be explained by the catalog it was made with.
create table offer_version (
    offer_id        text    not null,
    since_revision  bigint  not null,
    deleted         boolean not null,                   -- then the columns below are null
    numeric_id      boolean,
    offer_name      text,
    offer_url       text,
    category        text,
    attributes      json,
    valid_from      timestamptz,
    valid_until     timestamptz,
    primary key (offer_id, since_revision)
);

-- Before it the history knows nothing, which is not the same as "no offers".
alter table catalog_revision add column history_from bigint;
update catalog_revision set history_from = revision;
alter table catalog_revision alter column history_from set not null;

insert into offer_version
select o.offer_id, r.revision, false, o.numeric_id, o.offer_name, o.offer_url, o.category, o.attributes
from offer o, catalog_revision r;

-- Before each statement now, not after it: the rows' own triggers need the new revision. It also makes writers wait for
-- each other, and for whoever locks catalog_revision. ("on conflict do update" counts twice, as insert and as update.)
drop trigger offer_changed on offer;
create or replace function offer_changed() returns trigger language plpgsql as $$
begin
    update catalog_revision set revision = revision + 1;
    if tg_op = 'TRUNCATE' then -- which has no triggers of rows
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
    -- A statement that moves ids (2 to 3 and 1 to 2) comes by one id twice: its last word counts
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
-- Somebody's job may write all offers each night as they are: no history of that
create trigger offer_updated after update on offer
    for each row when ((old.offer_id, old.offer_name, old.offer_url, old.category, old.attributes::text,
        old.valid_from, old.valid_until) is distinct from (new.offer_id, new.offer_name, new.offer_url, new.category,
        new.attributes::text, new.valid_from, new.valid_until))
    execute function offer_versioned();

-- Which offers active strategies name, so that none of them is deleted. Who writes it locks catalog_revision first
-- ("select … for update"), as deleting an offer does by its trigger.
create table offer_use (
    offer_id        text    not null,
    strategy        text    not null,
    version         int     not null,
    until           timestamptz,                        -- from then on it counts no longer
    primary key (offer_id, strategy, version)
);
