-- Budgets that learn what upstream admits, hourly quotas of development shops, and figures for GET /metrics.

drop table request_budgets;
create table request_budgets (
  app_key text not null,
  shop_id text collate "C" not null,
  endpoint_family text not null,
  version bigint not null,
  phase text not null check (phase in ('searching', 'confirming', 'holding', 'probing')),
  phase_since timestamptz not null,
  rate double precision not null,
  tokens double precision not null,
  counted_at timestamptz not null,
  learned_rate double precision,
  burst_calls double precision not null,
  burst_seconds double precision not null,
  window_since timestamptz not null,
  window_calls double precision not null,
  window_tight boolean not null,
  lowered boolean not null,
  blocked_until timestamptz not null,
  repeats integer not null,
  calls bigint not null,
  throttled bigint not null,
  primary key (app_key, shop_id, endpoint_family)
);
comment on table request_budgets is 'One token bucket for all workers; src/budget/bucket-state.ts says what the columns mean and how they change. A row is written only over the version that it was made from.';

create table request_quotas (
  app_key text not null,
  shop_id text collate "C" not null,
  hour timestamptz not null,
  calls bigint not null,
  refused boolean not null default false,
  learned bigint,
  primary key (app_key, shop_id)
);
comment on table request_quotas is 'Hourly quotas of development shops (TIKTOK_SANDBOX).';

create table api_call_totals (
  shop_id text collate "C" not null,
  endpoint_family text not null,
  outcome text not null,
  calls bigint not null,
  duration_ms bigint not null,
  primary key (shop_id, endpoint_family, outcome)
);
comment on table api_call_totals is 'Calls of TikTok for ever, while api_calls keeps a week. The shop is empty for calls of no shop.';

create table worker_states (
  worker_id text primary key,
  started_at timestamptz not null,
  seen_at timestamptz not null,
  resident_bytes bigint not null,
  cpu_seconds double precision not null,
  event_loop_lag_seconds double precision not null,
  waiting jsonb not null
);
comment on table worker_states is 'What each worker process says of itself every few seconds, for GET /metrics.';
