set local lock_timeout = '3s';

-- Attributes whose values are unknown, because Postgres does not send large values that an update did not change and no
-- earlier change contained them. They are absent from the column attributes. Null: no value is missing.
alter table customer add column missing_attributes text[];

-- If the key of the bank's table has several columns: the key of the row without the customer's id, as JSON. The delete
-- of another row of the same customer must not erase the customer.
alter table customer add column row_key text;

-- Adds missing values of a change from the stored attributes, as far as those have them. Does the same as
-- CustomerChange.Stored.over for the cache. Returns compact JSON, as the service writes it.
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
