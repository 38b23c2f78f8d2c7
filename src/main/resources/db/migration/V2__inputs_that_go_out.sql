-- The inputs of a decision are stored only if the decision itself does not contain all of them.
alter table latest_offer alter column inputs drop not null;
