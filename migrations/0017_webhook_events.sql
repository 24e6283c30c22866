-- Webhooks of conversion sources, and the appointments that they told of.

comment on column conversion_events.body_hash is 'Keyed hash of the whole event: tells a repeat from an id that was used for something else.';
comment on column conversion_events.parameters is 'A bit for each parameter that platforms match by; src/conversions/parameters.ts says which.';

create table webhook_events (
  webhook_key bigint generated always as identity primary key,
  source text collate "C" not null,
  source_id text collate "C" not null,
  topic text collate "C" not null,
  body bytea,
  status text not null default 'received' check (status in ('received', 'processed', 'ignored', 'failed')),
  reason text,
  receipts integer not null default 1,
  attempts integer not null default 0,
  next_attempt_at timestamptz,
  received_at timestamptz not null default now(),
  processed_at timestamptz,
  unique (source, source_id),
  check ((next_attempt_at is not null) = (status = 'received'))
);
comment on table webhook_events is 'Each webhook as it came. Shown as whe_ and the number.';
comment on column webhook_events.source_id is 'Tells repeats: the source''s id of the event, or a keyed hash of the body where it gives none.';
comment on column webhook_events.body is 'The raw bytes, sealed under the data key of conversions; NULL once their time is over.';
comment on column webhook_events.receipts is 'How often it came. Who works on it and finds another number at the end leaves it to be done again.';
create index webhook_events_due on webhook_events (source, next_attempt_at) where next_attempt_at is not null;

create table appointments (
  source text collate "C" not null,
  appointment_id text collate "C" not null,
  status text not null check (status in ('scheduled', 'canceled')),
  starts_at timestamptz,
  email_fingerprint bytea,
  external_id_fingerprint bytea,
  sealed bytea,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (source, appointment_id)
);
comment on column appointments.email_fingerprint is 'Keyed hash of the address in lower case: finds it without keeping it.';
comment on column appointments.sealed is 'JSON of what its source said last, with its attribution; NULL once its time is over.';
create index appointments_by_email on appointments (email_fingerprint);
create index appointments_by_external_id on appointments (external_id_fingerprint);

create table appointment_events (
  source text collate "C" not null,
  appointment_id text collate "C" not null,
  event_name text collate "C" not null,
  event_id text collate "C" not null,
  primary key (source, appointment_id, event_name, event_id),
  foreign key (source, appointment_id) references appointments on delete cascade
);
comment on table appointment_events is 'The conversion events that an appointment has led to.';
