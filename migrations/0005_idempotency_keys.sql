-- Answers kept for repeats of a POST with the same Idempotency-Key.

create table idempotency_keys (
  owner text collate "C" not null,
  idempotency_key text collate "C" not null,
  request_hash bytea not null,
  status integer,
  body text,
  created_at timestamptz not null default now(),
  primary key (owner, idempotency_key)
);
comment on column idempotency_keys.owner is 'The API key''s id, or `environment`.';
comment on column idempotency_keys.status is 'NULL while the first request is in flight.';
create index idempotency_keys_age on idempotency_keys (created_at);
