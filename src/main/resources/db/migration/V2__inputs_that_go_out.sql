-- What a decision used is stored beside it only where the decision itself does not have it all.
alter table latest_offer alter column inputs drop not null;
