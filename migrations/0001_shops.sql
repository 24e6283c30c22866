-- Shops, the grants that open them, and the keys that protect what is personal or secret.

create sequence shop_numbers as integer;

create table data_keys (
  data_key_id bigint generated always as identity primary key,
  key_ring_id text not null,
  wrapped_key bytea not null,
  created_at timestamptz not null default now()
);
comment on table data_keys is 'One AES-256 key for each grant and each shop, wrapped by the key ring; destroying the row makes what it protects unreadable.';

create table credentials (
  credential_id bigint generated always as identity primary key,
  app_key text not null,
  open_id text not null,
  seller_name text,
  seller_region text,
  user_type integer,
  granted_scopes text[],
  data_key_id bigint not null references data_keys,
  access_token bytea not null,
  access_token_expires_at timestamptz not null,
  refresh_token bytea not null,
  refresh_token_expires_at timestamptz not null,
  version integer not null default 1,
  status text not null default 'active' check (status in ('active', 'revoked')),
  refresh_started_at timestamptz,
  refreshed_at timestamptz,
  created_at timestamptz not null default now(),
  unique (app_key, open_id)
);
comment on table credentials is 'One grant of one seller: the token pair that opens one or several shops. Tokens are encrypted; version counts token pairs, so a refresh can tell whether somebody else was faster.';

create table shops (
  shop_id text collate "C" primary key default 'shop-' || nextval('shop_numbers'),
  tiktok_shop_id text collate "C" not null unique,
  credential_id bigint references credentials,
  data_key_id bigint references data_keys,
  shop_cipher text,
  name text not null,
  region text not null,
  seller_type text,
  currency text,
  time_zone text not null,
  status text not null default 'active' check (status in ('active', 'parked', 'disconnected')),
  sync_enabled boolean not null default true,
  parked_reason text,
  last_error jsonb,
  connected_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
alter sequence shop_numbers owned by shops.shop_id;

create table oauth_states (
  state_hash bytea primary key,
  binding_hash bytea not null,
  start_sync boolean not null,
  choose boolean not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  used_at timestamptz
);
comment on table oauth_states is 'Single-use OAuth states, hashed, bound to the browser cookie that began the consent.';

create table connect_links (
  link_hash bytea primary key,
  expires_at timestamptz not null,
  used_at timestamptz
);
comment on table connect_links is 'One-time links made by `tideline shops connect`.';
