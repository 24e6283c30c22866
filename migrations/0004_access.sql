-- Who may call the API.

create table api_keys (
  api_key_id text collate "C" primary key,
  name text not null,
  key_hash bytea not null unique,
  scopes text[] not null,
  shop_ids text[],
  created_at timestamptz not null default now(),
  last_used_at timestamptz,
  revoked_at timestamptz
);
comment on column api_keys.shop_ids is 'NULL: every shop.';

create table sessions (
  session_hash bytea primary key,
  api_key_id text collate "C" references api_keys on delete cascade,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null
);
comment on column sessions.api_key_id is 'NULL: signed in with the key of the environment.';
