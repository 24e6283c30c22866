-- What of analytics a run was asked for.

alter table sync_runs add column streams text[], add column date_from date, add column date_to date,
  add check ((date_from is null) = (date_to is null));
comment on column sync_runs.streams is 'Of a run of analytics: the streams that were asked for; null is all of them.';
comment on column sync_runs.date_from is 'Of a run of analytics: the first of the shop''s days that were asked for; date_to is the last, inclusive. Null: the run''s mode says which.';

alter table products add column detail_of timestamptz;
comment on column products.detail_of is 'updated_at of the version whose detail (brand, category, image) was read.';
