-- Files of lists that are written in the background. The files lie in the directory of exports, not in the database.

create table exports (
  run_id text collate "C" primary key,
  shop_id text collate "C" references shops on delete cascade,
  needed_scope text not null,
  path text not null,
  listing text not null,
  selection jsonb not null,
  columns jsonb not null,
  format text not null check (format in ('csv', 'xlsx')),
  time_zone text not null,
  currency text,
  file_name text not null,
  status text not null default 'queued' check (status in ('queued', 'running', 'completed', 'failed', 'cancelled')),
  claim integer not null default 0,
  rows_expected bigint,
  rows_done bigint not null default 0,
  stored_as text,
  bytes bigint,
  error jsonb,
  workflow_id text not null,
  queued_at timestamptz not null default now(),
  started_at timestamptz,
  finished_at timestamptz,
  expires_at timestamptz
);
comment on column exports.shop_id is 'Null for lists that belong to no shop.';
comment on column exports.needed_scope is 'The scope that the list itself needs: the file is for nobody else.';
comment on column exports.claim is 'The number of the attempt that writes; an older one can no longer finish the export.';
comment on column exports.stored_as is 'The name of the finished file in the directory of exports; null before, and after it was deleted.';

create index exports_history on exports (run_id desc) include (shop_id);
create index exports_of_shop on exports (shop_id) where shop_id is not null;
