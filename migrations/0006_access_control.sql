-- Keys that end, answers that only their asker can open, and the log of who did what.

alter table api_keys add column expires_at timestamptz;

-- Kept answers may hold what is shown once (a new key): they are sealed with the asker's own credential.
delete from idempotency_keys;
alter table idempotency_keys drop column body;
alter table idempotency_keys add column sealed_body bytea;
comment on column idempotency_keys.owner is 'The API key''s id (or `environment`) and a hash of the credential that was shown.';

create table audit_log (
  audit_id bigint generated always as identity primary key,
  at timestamptz not null default now(),
  actor text not null check (actor in ('key', 'environment', 'command_line', 'nobody')),
  api_key_id text collate "C",
  action text collate "C" not null,
  object jsonb not null,
  outcome text not null default 'pending' check (outcome in ('pending', 'done', 'refused', 'failed')),
  status integer,
  request_id text,
  address text
);
comment on table audit_log is 'Who changed what. An entry is written before the change and its outcome after it: one that stays pending belongs to a process that died in between.';
comment on column audit_log.api_key_id is 'No reference: entries outlive their keys.';
comment on column audit_log.object is 'Ids only: of the path, and of what was made.';
comment on column audit_log.address is 'Of the network that the request came from: the last parts of the address are left out.';
