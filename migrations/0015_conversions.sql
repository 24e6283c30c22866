-- Conversion events, where they go, and the proof of what was sent and answered.

create table conversion_keys (
  single boolean primary key default true check (single),
  data_key_id bigint not null references data_keys
);
comment on table conversion_keys is 'The one data key under which everything personal of conversions is sealed.';

create table destinations (
  destination_id text collate "C" primary key,
  kind text not null check (kind in ('tiktok', 'meta', 'google_ads')),
  name text not null,
  status text not null default 'active' check (status in ('active', 'paused', 'mock')),
  pause_reason text,
  paused_by text check (paused_by in ('person', 'engine')),
  settings jsonb not null,
  secrets bytea,
  from_environment boolean not null default false,
  claim bigint,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz
);
comment on column destinations.settings is 'Checked by the schema of the kind; nothing secret.';
comment on column destinations.secrets is 'JSON, sealed under the data key of conversions.';
comment on column destinations.claim is 'The activity that delivers at present: one that was frozen meanwhile claims nothing more.';
comment on column destinations.from_environment is 'Read again from the environment at each start, which wins over what is stored.';

create table conversion_events (
  event_key bigint generated always as identity primary key,
  event_name text collate "C" not null,
  event_id text collate "C" not null,
  event_time timestamptz not null,
  origin text collate "C" not null,
  medium text not null check (medium in ('web', 'app', 'offline', 'crm')),
  content text not null,
  sealed bytea,
  body_hash bytea not null,
  parameters integer not null,
  accepted_at timestamptz not null default now(),
  unique (event_name, event_id)
);
comment on column conversion_events.origin is 'Who told us: api, or a source and the id of its raw event, such as stripe/evt_1.';
comment on column conversion_events.content is 'JSON: what of the event is not personal.';
comment on column conversion_events.sealed is 'JSON of the user and the page, sealed; NULL once their time is over.';
comment on column conversion_events.body_hash is 'SHA-256 of the whole event: tells a repeat from an id that was used for something else.';
comment on column conversion_events.parameters is 'A bit for each parameter that platforms match by; src/conversions/coverage.ts says which.';
create index conversion_events_by_age on conversion_events (accepted_at, event_key);

create table delivery_replays (
  replay_id bigint generated always as identity primary key,
  filter jsonb not null,
  status text not null default 'running' check (status in ('running', 'cancelled')),
  deliveries integer not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
comment on table delivery_replays is 'Deliveries that were sent again together. Shown as rpl_ and the number.';

create table deliveries (
  delivery_id bigint generated always as identity primary key,
  event_key bigint not null references conversion_events,
  destination_id text collate "C" not null references destinations,
  event_name text collate "C" not null,
  event_id text collate "C" not null,
  platform_event text collate "C",
  status text not null check (status in ('PENDING', 'SENDING', 'DELIVERED', 'RETRYING', 'FAILED', 'SKIPPED', 'EXPIRED')),
  reason text,
  lane smallint not null default 0,
  attempts integer not null default 0,
  retries smallint not null default 0,
  next_attempt_at timestamptz,
  first_sent_at timestamptz,
  claim bigint,
  awaited_request bigint,
  replay_id bigint references delivery_replays,
  created_at timestamptz not null default now(),
  settled_at timestamptz,
  unique (event_key, destination_id),
  check (next_attempt_at is not null or status not in ('PENDING', 'RETRYING')),
  check (next_attempt_at is null or status in ('PENDING', 'RETRYING', 'SENDING'))
);
comment on table deliveries is 'One event on its way to one destination. Shown as dlv_ and the number.';
comment on column deliveries.platform_event is 'The platform''s name of the event; known once it was prepared for sending.';
comment on column deliveries.lane is '0 live, 1 replay: the lower goes first.';
comment on column deliveries.attempts is 'Requests that it was part of.';
comment on column deliveries.retries is 'How much of the retry schedule is used up; what was nobody''s fault uses up nothing.';
comment on column deliveries.next_attempt_at is 'When something is to be done with it; NULL while that is being done and once it is settled.';
comment on column deliveries.first_sent_at is 'When the platform may first have counted it: its window of deduplication begins here.';
comment on column deliveries.claim is 'The activity that is sending it: what a worker that was frozen says later is not heard.';
comment on column deliveries.awaited_request is 'The request that the platform has taken and not judged yet; its result is asked for when due.';
create index deliveries_due on deliveries (destination_id, lane, next_attempt_at, delivery_id)
  where next_attempt_at is not null;
create index deliveries_sending on deliveries (destination_id) where status = 'SENDING';
create index deliveries_by_platform_event on deliveries (destination_id, platform_event, event_id)
  where platform_event is not null;
create index deliveries_by_age on deliveries (created_at desc, delivery_id desc);
create index deliveries_by_event on deliveries (event_id);

create sequence delivery_claims;

create table replayed_deliveries (
  replay_id bigint not null references delivery_replays on delete cascade,
  delivery_id bigint not null references deliveries on delete cascade,
  status text not null,
  reason text,
  settled_at timestamptz,
  primary key (replay_id, delivery_id)
);
comment on table replayed_deliveries is 'How each delivery of a replay stood before: what it goes back to when the replay is cancelled.';
create index replayed_deliveries_by_delivery on replayed_deliveries (delivery_id);

create table delivery_requests (
  request_key bigint generated always as identity primary key,
  destination_id text collate "C" not null references destinations,
  claim bigint not null,
  deliveries bigint[],
  sent_at timestamptz not null,
  duration_ms integer,
  mapping_version integer not null,
  request_path text not null,
  request_body bytea,
  response_code integer,
  response_body bytea,
  platform_request_id text
);
comment on table delivery_requests is 'Each request to a platform with its answer: the exact bytes, compressed and sealed, for even hashed they are personal.';
comment on column delivery_requests.deliveries is 'Written before it is sent, in the order of the request; NULL once every one of them has its attempt. What is left of it after a crash may have been counted.';
comment on column delivery_requests.duration_ms is 'NULL until it is over.';
comment on column delivery_requests.response_code is 'The HTTP status; NULL when no whole answer came.';
create index delivery_requests_unsettled on delivery_requests (destination_id) where deliveries is not null;
create index delivery_requests_by_age on delivery_requests (sent_at);

create table delivery_attempts (
  delivery_id bigint not null references deliveries on delete cascade,
  attempt integer not null,
  request_key bigint not null references delivery_requests,
  position integer not null,
  outcome text not null,
  reason text,
  primary key (delivery_id, attempt)
);
comment on column delivery_attempts.position is 'The event''s place in the request''s list.';
create index delivery_attempts_by_request on delivery_attempts (request_key);
