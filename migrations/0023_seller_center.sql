-- Owners' own sessions in the seller center: none is there until its owner hands it over.

create table seller_center_connections (
  shop_id text collate "C" primary key references shops on delete cascade,
  base_url text,
  path text not null,
  seller_id text not null,
  session bytea not null,
  session_fingerprint bytea not null,
  session_ends_at timestamptz,
  user_agent text not null,
  locale text not null,
  signer text not null,
  profile text not null,
  signer_settings jsonb not null,
  status text not null default 'active' check (status in ('active', 'parked')),
  last_error jsonb,
  from_environment boolean not null default false,
  next_request_at timestamptz not null default now(),
  connected_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
comment on table seller_center_connections is 'Opt-in, one shop at a time. A parked one asks the seller center nothing until its owner has handed over a new session.';
comment on column seller_center_connections.base_url is 'NULL: that of the environment, or else of the region.';
comment on column seller_center_connections.session is 'Cookie and browser mark, encrypted under the shop''s data key.';
comment on column seller_center_connections.session_fingerprint is 'Recognises the same session without opening it: HMAC under the shop''s data key.';
comment on column seller_center_connections.session_ends_at is 'What the cookie says of itself; sessions die earlier, too.';
comment on column seller_center_connections.next_request_at is 'The next request may be sent then: workers take turns by it.';
