-- What was asked for (runs), what was read (slices), and what is proven (coverage).

create table sync_runs (
  run_id text collate "C" primary key,
  shop_id text collate "C" not null references shops on delete cascade,
  stream text not null,
  mode text not null check (mode in ('full', 'incremental', 'window')),
  trigger text not null check (trigger in ('api', 'schedule', 'connect', 'command')),
  status text not null default 'queued' check (status in
    ('queued', 'running', 'paused', 'completed', 'completed_with_differences', 'failed', 'cancelled')),
  pause_reason text check (pause_reason in ('requested', 'parked')),
  window_from timestamptz,
  window_to timestamptz,
  bound_at timestamptz,
  records_expected bigint,
  workflow_id text not null,
  api_calls bigint not null default 0,
  throttled bigint not null default 0,
  error jsonb,
  queued_at timestamptz not null default now(),
  started_at timestamptz,
  finished_at timestamptz
);
comment on column sync_runs.bound_at is 'T0: the upstream clock, fixed once for the run; history is read up to it by creation time.';
comment on column sync_runs.records_expected is 'Upstream''s total when the run was planned: the denominator of the progress.';

create unique index sync_runs_one_active on sync_runs (shop_id, stream)
  where status in ('running', 'paused');
create index sync_runs_history on sync_runs (shop_id, stream, queued_at desc, run_id desc);

create table sync_slices (
  slice_id bigint generated always as identity primary key,
  run_id text collate "C" not null references sync_runs on delete cascade,
  parent_slice_id bigint references sync_slices on delete cascade,
  axis text not null check (axis in ('create_time', 'update_time')),
  range_from bigint not null,
  range_to bigint not null,
  seal_to bigint,
  status text not null default 'pending' check (status in
    ('pending', 'walking', 'walked', 'split', 'abandoned', 'sealed', 'different')),
  claim integer not null default 0,
  walk integer not null default 1,
  page_token text,
  pages integer not null default 0,
  upstream_total bigint,
  stored_total bigint,
  difference jsonb,
  fetched bigint not null default 0,
  written bigint not null default 0,
  unchanged bigint not null default 0,
  quarantined bigint not null default 0,
  started_at timestamptz,
  progressed_at timestamptz,
  finished_at timestamptz,
  check (range_from < range_to)
);
comment on table sync_slices is 'Half-open ranges in Unix seconds. The cursor of record (walk, page_token, pages) is committed with the rows of each page; claim fences out a worker that lost the slice.';
create index sync_slices_by_run on sync_slices (run_id, status, range_from);

create table coverage (
  coverage_id bigint generated always as identity primary key,
  shop_id text collate "C" not null references shops on delete cascade,
  stream text not null,
  axis text not null check (axis in ('create_time', 'update_time')),
  range int8range not null,
  run_id text collate "C" not null,
  slice_id bigint,
  sealed_at timestamptz not null default now()
);
comment on table coverage is 'The ledger: every range (Unix seconds, half-open) of a stream whose records are proven to be stored.';
create index coverage_by_stream on coverage (shop_id, stream, axis);

create table stream_states (
  shop_id text collate "C" not null references shops on delete cascade,
  stream text not null,
  watermark bigint,
  history_from bigint,
  history_to bigint,
  changes_from bigint,
  last_full_sync_at timestamptz,
  last_full_sync_result text check (last_full_sync_result in ('complete', 'completed_with_differences')),
  last_full_run_id text,
  last_sync_at timestamptz,
  last_run_id text,
  primary key (shop_id, stream)
);
comment on column stream_states.watermark is 'Unix seconds: every change before it has been read. It is the bound that was asked for, never the newest record seen.';

create table request_budgets (
  app_key text not null,
  shop_id text collate "C" not null,
  endpoint_family text not null,
  rate double precision not null,
  tokens double precision not null,
  refilled_at timestamptz not null default clock_timestamp(),
  blocked_until timestamptz,
  primary key (app_key, shop_id, endpoint_family)
);

create table api_calls (
  api_call_id bigint generated always as identity primary key,
  at timestamptz not null,
  shop_id text collate "C",
  run_id text collate "C",
  method text not null,
  path text not null,
  attempt integer not null,
  http_status integer,
  code bigint,
  request_id text,
  outcome text not null,
  duration_ms integer not null,
  response_bytes integer
);
comment on table api_calls is 'Log of upstream calls. Paths only: no query, no body, no token, nothing personal.';
create index api_calls_recent on api_calls (at desc);
