-- Erasing buyers and shops, and when a shop whose grant has ended is erased by itself.

alter table shops add column access_ended_at timestamptz;
comment on column shops.access_ended_at is 'When the shop was disconnected or its grant died; NULL while it is connected. The time until its erasure counts from here.';
update shops set access_ended_at = now() where status = 'disconnected';

create table erased_buyers (
  shop_id text collate "C" not null references shops on delete cascade,
  buyer_hash bytea not null,
  erased_at timestamptz not null default now(),
  primary key (shop_id, buyer_hash)
);
comment on table erased_buyers is 'Buyers who were erased, as HMAC-SHA256 of their id under a key derived from the shop''s data key: nothing personal of orders that they placed up to erased_at is stored again.';

create table erased_orders (
  shop_id text collate "C" not null references shops on delete cascade,
  order_id text collate "C" not null,
  erased_at timestamptz not null default now(),
  primary key (shop_id, order_id)
);
comment on table erased_orders is 'Stored orders of erased buyers, for answers that name no buyer.';

create table erasures (
  erasure_id text collate "C" primary key,
  shop_id text collate "C" not null,
  subject text not null check (subject in ('buyer', 'shop')),
  requested_at timestamptz not null default now(),
  finished_at timestamptz,
  report jsonb
);
comment on table erasures is 'What was erased, as proof: counts only, nothing of the buyer. Outlives the shop.';
create index erasures_recent on erasures (requested_at desc, erasure_id desc);
