-- A day's figures are added to the sums since New Year together with those of other days, not one day at a time.
alter table analytics_days add column summed boolean not null default true;
comment on column analytics_days.summed is 'Whether the sums since New Year (…_to_date) hold the day. Until they do, its figures are read from the day itself.';
create index analytics_days_unsummed on analytics_days (shop_id, stream, date) where not summed;
