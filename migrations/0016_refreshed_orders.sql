-- An order that was read again by itself has a page like every other, but no run.
alter table raw_pages alter column run_id drop not null, alter column slice_id drop not null;
