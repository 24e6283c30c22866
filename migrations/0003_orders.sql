-- Orders and the exchanges they came from.

-- No foreign keys to shops here: a check for each row would cost as much as the row, and lock the shop's row in every
-- lane. Rows go with their shop by the erasure that deletes both.

create table raw_pages (
  page_id bigint generated always as identity primary key,
  shop_id text collate "C" not null,
  stream text not null,
  run_id text collate "C" not null,
  slice_id bigint not null,
  walk integer not null,
  page_number integer not null,
  tiktok_request_id text,
  observed_at timestamptz not null,
  response_sha256 bytea not null,
  record_ids text[] not null,
  encoding text not null default 'deflate',
  body bytea not null,
  stored_at timestamptz not null default now()
);
alter table raw_pages alter column body set storage external;
comment on table raw_pages is 'Each response page once, personal fields taken out, compressed: a JSON array; typed rows point to (page_id, page_index). response_sha256 is of the bytes as received.';
create index raw_pages_by_slice on raw_pages (slice_id, walk);

create table orders (
  shop_id text collate "C" not null,
  order_id text collate "C" not null,
  status text not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  paid_at timestamptz,
  shipped_at timestamptz,
  delivered_at timestamptz,
  cancelled_at timestamptz,
  currency text not null,
  total_amount numeric not null,
  sub_total numeric,
  shipping_fee numeric,
  tax numeric,
  seller_discount numeric,
  platform_discount numeric,
  buyer_id text,
  order_type text,
  fulfillment_type text,
  shipping_type text,
  delivery_option_id text,
  warehouse_id text,
  shipping_provider text,
  shipping_provider_id text,
  tracking_number text,
  payment_method text,
  cancellation_initiator text,
  cancel_reason text,
  is_cod boolean,
  is_sample boolean,
  items_count integer not null,
  row_hash bigint not null,
  observed_at timestamptz not null,
  page_id bigint not null,
  page_index smallint not null,
  primary key (shop_id, order_id)
);
comment on column orders.row_hash is 'First eight bytes of SHA-256 over the order as kept in its raw page.';
comment on column orders.observed_at is 'Upstream''s clock (HTTP Date) when this version was read; with updated_at it decides which version is newer.';
create index orders_by_created on orders (shop_id, created_at desc, order_id desc);
create index orders_by_updated on orders (shop_id, updated_at desc, order_id desc);

create table line_items (
  shop_id text collate "C" not null,
  order_id text collate "C" not null,
  position integer not null,
  line_item_id text,
  product_id text,
  product_name text,
  sku_id text,
  sku_name text,
  seller_sku text,
  unit_price numeric not null,
  original_price numeric,
  seller_discount numeric,
  platform_discount numeric,
  display_status text,
  package_id text,
  package_status text,
  tracking_number text,
  is_gift boolean,
  primary key (shop_id, order_id, position)
);
comment on table line_items is 'One row a unit, as TikTok lists them (no quantity field). Written with their order in one transaction.';

create table packages (
  shop_id text collate "C" not null,
  order_id text collate "C" not null,
  package_id text collate "C" not null,
  primary key (shop_id, order_id, package_id)
);

create table order_status_history (
  shop_id text collate "C" not null,
  order_id text collate "C" not null,
  changed_at timestamptz not null,
  status text not null,
  observed_at timestamptz not null,
  primary key (shop_id, order_id, changed_at, status)
);
comment on table order_status_history is 'Statuses that an order has left behind; the present one is in orders.';

create table order_personal (
  shop_id text collate "C" not null,
  order_id text collate "C" not null,
  data_key_id bigint not null references data_keys on delete cascade,
  ciphertext bytea not null,
  masked boolean not null,
  observed_at timestamptz not null,
  purge_after timestamptz not null,
  primary key (shop_id, order_id)
);
comment on table order_personal is 'Names, addresses, phones, e-mails and messages of one order, encrypted under the shop''s data key, kept only inside the retention time.';
create index order_personal_purge on order_personal (purge_after);

create table quarantined_records (
  shop_id text collate "C" not null,
  stream text not null,
  record_id text collate "C" not null,
  created_at bigint,
  path text not null,
  reason text not null,
  page_id bigint not null,
  page_index smallint not null,
  first_seen_at timestamptz not null default now(),
  last_seen_at timestamptz not null default now(),
  primary key (shop_id, stream, record_id)
);
comment on table quarantined_records is 'Records that could not be stored as typed rows, with the reason; the raw record is in its page.';
