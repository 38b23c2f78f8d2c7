set local lock_timeout = '3s';

-- The subject (claim sub) of the token behind a change. Names are shown; subjects identify people and applications.
-- Null: the request had no token, or an earlier release wrote the row.
alter table strategy_version add column author_subject text;
alter table strategy_approval add column approved_by_subject text;
alter table strategy_activation add column activated_by_subject text;
alter table strategy_audit add column who_subject text;
