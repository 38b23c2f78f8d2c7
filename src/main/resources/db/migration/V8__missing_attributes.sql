set local lock_timeout = '3s';

-- Postgres does not send large values that an update did not change. Attributes whose values no change has contained so
-- far are listed here; null: none. They are absent from the attributes.
alter table customer add column missing_attributes text[];

-- The key of the bank's row without the customer's id, as JSON, where its key has several columns: a delete of another
-- row of the same customer must not erase the customer.
alter table customer add column row_key text;

-- The attributes of a change with the values that it is missing, where the stored attributes have them: the same as
-- CustomerChange.Stored.over does for the cache. Compact JSON, as the service writes it.
create function with_missing_attributes(attributes json, missing text[], stored json) returns json
    language sql immutable as $$
    select ('{' || coalesce(string_agg(to_json(a.name)::text || ':' || a.value::text, ',' order by a.missing, a.place), '')
        || '}')::json
    from (
        select e.key as name, e.value, false as missing, e.place
        from json_each(attributes) with ordinality as e (key, value, place)
        union all
        select m.name, s.value, true, m.place
        from unnest(missing) with ordinality as m (name, place)
        join json_each(stored) as s (key, value) on s.key = m.name
    ) a
$$;
