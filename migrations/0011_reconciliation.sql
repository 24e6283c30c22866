-- Reconciliation: what is stored is held against upstream, window by window, and mended.

alter table sync_runs drop constraint sync_runs_mode_check;
alter table sync_runs add constraint sync_runs_mode_check
  check (mode in ('full', 'incremental', 'window', 'reconcile'));

create table reconciliations (
  run_id text collate "C" primary key references sync_runs on delete cascade,
  shop_id text collate "C" not null references shops on delete cascade,
  watermark bigint not null,
  compared_to bigint not null,
  overlap_seconds integer not null,
  open_orders_due integer not null,
  open_orders_left integer not null,
  checked_rows bigint not null default 0,
  checked_created_at timestamptz,
  checked_order_id text collate "C",
  checked_all boolean not null default false,
  totals_believed boolean not null default true,
  freshness jsonb
);
comment on table reconciliations is 'One run of kind `reconcile`: what it was planned with, and how far its check of the stored rows is.';
comment on column reconciliations.watermark is 'Unix seconds: changes before it had been read when the run was planned; only these are due.';
comment on column reconciliations.compared_to is 'Unix seconds: orders created before it are compared.';
comment on column reconciliations.totals_believed is 'False once a list did not add up to its total: then nothing is settled by totals any more, everything is read.';
create index reconciliations_by_shop on reconciliations (shop_id, run_id desc);

create table reconciliation_windows (
  window_id bigint generated always as identity primary key,
  run_id text collate "C" not null references reconciliations on delete cascade,
  axis text not null check (axis in ('create_time', 'update_time')),
  range_from bigint not null,
  range_to bigint not null,
  reason text not null check (reason in ('totals', 'gap', 'recent_changes', 'open_orders', 'stored_row')),
  status text not null default 'pending' check (status in ('pending', 'equal', 'split', 'repaired', 'different')),
  upstream_count bigint,
  stored_count bigint,
  difference jsonb,
  check (range_from < range_to)
);
comment on table reconciliation_windows is 'Half-open ranges in Unix seconds. Counts are those before the repair.';
create index reconciliation_windows_by_run on reconciliation_windows (run_id, status, window_id);

create table reconciliation_findings (
  run_id text collate "C" not null references reconciliations on delete cascade,
  record_id text collate "C" not null,
  kind text not null check (kind in ('missing', 'changed', 'damaged', 'unexpected')),
  window_id bigint references reconciliation_windows on delete cascade,
  found_at timestamptz not null default now(),
  primary key (run_id, record_id)
);
comment on table reconciliation_findings is 'Orders that were missing, stored in an older version, damaged in the database, or stored though upstream no longer lists them. Written before the repair, so that a crash loses none.';
create index reconciliation_findings_by_window on reconciliation_findings (window_id);

create table late_commits (
  shop_id text collate "C" not null references shops on delete cascade,
  stream text not null,
  record_id text collate "C" not null,
  update_time bigint not null,
  late_by integer not null,
  seen_at timestamptz not null default now(),
  primary key (shop_id, stream, record_id, update_time)
);
comment on column late_commits.late_by is 'Seconds between the record''s update time and the last reading of that time which did not show it.';
