set local lock_timeout = '3s';

-- Who changed an offer (name, and subject of the token), and when. The service sets the actor in its transaction:
-- set_config('nbo.changed_by', name, true). changed_by is null if an offer was changed by SQL, or over REST by a caller
-- without a name. All three columns are null for changes before this migration.
alter table offer_version
    add column changed_at timestamptz,
    add column changed_by text,
    add column changed_by_subject text;
alter table offer_version
    alter column changed_at set default clock_timestamp(),
    alter column changed_by set default nullif(current_setting('nbo.changed_by', true), ''),
    alter column changed_by_subject set default nullif(current_setting('nbo.changed_by_subject', true), '');
