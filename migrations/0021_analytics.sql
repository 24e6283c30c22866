-- Products, and the figures that TikTok tells by day. The tables of the streams follow `src/analytics/streams.ts`.

create table products (
  shop_id text collate "C" not null,
  product_id text collate "C" not null,
  title text,
  status text,
  brand_id text,
  brand_name text,
  category_id text,
  category_name text,
  image_url text,
  currency text,
  stock bigint,
  created_at timestamptz,
  updated_at timestamptz,
  observed_at timestamptz not null,
  page_id bigint,
  page_index integer,
  primary key (shop_id, product_id)
);
comment on column products.stock is 'Sum over the SKUs whose stock is known; null when none is.';

create table product_skus (
  shop_id text collate "C" not null,
  product_id text collate "C" not null,
  sku_id text collate "C" not null,
  name text,
  seller_sku text,
  status text,
  price numeric,
  currency text,
  stock bigint,
  observed_at timestamptz not null,
  primary key (shop_id, sku_id)
);
create index product_skus_by_product on product_skus (shop_id, product_id);

create table analytics_streams (
  shop_id text collate "C" not null,
  stream text not null,
  permission text not null check (permission in ('granted', 'not_permitted')),
  currency text,
  latest_available_date date,
  checked_at timestamptz not null default now(),
  primary key (shop_id, stream)
);
comment on table analytics_streams is 'What TikTok lets the app see, up to which day it is ready, and the one currency of the figures.';

create table analytics_days (
  shop_id text collate "C" not null,
  stream text not null,
  date date not null,
  rows integer not null,
  reads integer not null,
  changes integer not null,
  first_read_at timestamptz not null default now(),
  last_read_at timestamptz not null default now(),
  changed_at timestamptz not null default now(),
  observed_at timestamptz not null,
  settled boolean not null,
  read_again_on date,
  source text not null check (source in ('open_api', 'seller_center', 'workbook')),
  run_id text not null,
  primary key (shop_id, stream, date),
  check (settled = (read_again_on is null))
);
comment on table analytics_days is 'What is known of a day, over all runs. A day without a row was never read: its figures are missing, not zero.';
comment on column analytics_days.changes is 'Reads that found other figures than the one before.';
comment on column analytics_days.observed_at is 'Upstream''s clock at the newest read: an older one changes nothing.';

create table analytics_run_days (
  run_id text collate "C" not null references sync_runs on delete cascade,
  stream text not null,
  date date not null,
  status text not null default 'waiting' check (status in
    ('waiting', 'running', 'done', 'restated', 'failed', 'cancelled', 'not_permitted', 'not_available')),
  attempts integer not null default 0,
  pages integer not null default 0,
  next_page_token text,
  fetched bigint not null default 0,
  written bigint not null default 0,
  unchanged bigint not null default 0,
  removed bigint not null default 0,
  restated bigint not null default 0,
  quarantined bigint not null default 0,
  error jsonb,
  started_at timestamptz,
  finished_at timestamptz,
  primary key (run_id, stream, date)
);
comment on table analytics_run_days is 'The units of work of a run. pages and next_page_token are where a day goes on after a crash, committed with each page.';

create table analytics_pages (
  page_id bigint generated always as identity primary key,
  shop_id text collate "C" not null,
  run_id text collate "C" not null,
  stream text not null,
  date date not null,
  page_number integer not null,
  tiktok_request_id text,
  observed_at timestamptz not null,
  response_sha256 bytea not null,
  encoding text not null,
  body bytea not null,
  stored_at timestamptz not null default now(),
  unique (run_id, stream, date, page_number)
);
alter table analytics_pages alter column body set storage external;
comment on table analytics_pages is 'Pages as they were read: kept at once, so that a day goes on at the page; those that changed nothing are dropped when the day is written.';

create table analytics_restatements (
  restatement_id bigint generated always as identity primary key,
  shop_id text collate "C" not null,
  stream text not null,
  date date not null,
  key text not null,
  field text not null,
  old numeric,
  new numeric,
  seen_at timestamptz not null,
  run_id text not null
);
comment on table analytics_restatements is 'Each figure that a later read of its day found changed; null where there was, or is, no such row. key: the row''s keys, joined by a slash.';
create index analytics_restatements_by_shop on analytics_restatements (shop_id, date, stream);

create table analytics_boundaries (
  shop_id text collate "C" not null,
  stream text not null,
  until date not null,
  primary key (shop_id, stream, until)
);
comment on table analytics_boundaries is 'The days up to which the tables named …_to_date hold sums since New Year: the end of each part of a month that has figures.';

create table analytics_shop (
  shop_id text collate "C" not null,
  date date not null,
  gmv numeric,
  items_sold bigint,
  orders_count bigint,
  sku_orders_count bigint,
  gross_revenue numeric,
  refunds numeric,
  cancellations_and_returns bigint,
  live_gmv numeric,
  video_gmv numeric,
  product_card_gmv numeric,
  customers numeric,
  visitors numeric,
  page_views numeric,
  conversion_rate numeric,
  product_impressions bigint,
  product_clicks bigint,
  page_id bigint,
  page_index integer,
  primary key (shop_id, date)
);

create table analytics_hourly (
  shop_id text collate "C" not null,
  date date not null,
  hour smallint not null,
  gmv numeric,
  items_sold bigint,
  orders_count bigint,
  customers numeric,
  visitors numeric,
  product_impressions bigint,
  page_id bigint,
  page_index integer,
  primary key (shop_id, date, hour)
);

create table analytics_videos (
  shop_id text collate "C" not null,
  date date not null,
  video_id text collate "C" not null,
  gmv numeric not null,
  sku_orders bigint,
  items_sold bigint,
  views bigint,
  likes bigint,
  comments bigint,
  shares bigint,
  new_followers bigint,
  product_impressions bigint,
  product_clicks bigint,
  customers numeric,
  click_through_rate numeric,
  page_id bigint,
  page_index integer,
  primary key (shop_id, date, video_id)
);

create table analytics_videos_to_date (
  shop_id text collate "C" not null,
  until date not null,
  video_id text collate "C" not null,
  days integer not null,
  gmv numeric not null,
  sku_orders numeric not null,
  sku_orders_days integer not null,
  items_sold numeric not null,
  items_sold_days integer not null,
  views numeric not null,
  views_days integer not null,
  likes numeric not null,
  likes_days integer not null,
  comments numeric not null,
  comments_days integer not null,
  shares numeric not null,
  shares_days integer not null,
  new_followers numeric not null,
  new_followers_days integer not null,
  product_impressions numeric not null,
  product_impressions_days integer not null,
  product_clicks numeric not null,
  product_clicks_days integer not null,
  primary key (shop_id, until, video_id)
) with (fillfactor = 85);

create table videos (
  shop_id text collate "C" not null,
  video_id text collate "C" not null,
  title text,
  username text,
  account_type text,
  posted_at timestamptz,
  duration_seconds numeric,
  hash_tags text,
  observed_at timestamptz not null,
  primary key (shop_id, video_id)
);

create table analytics_lives (
  shop_id text collate "C" not null,
  date date not null,
  live_id text collate "C" not null,
  gmv numeric,
  gmv_24h numeric,
  sku_orders bigint,
  created_sku_orders bigint,
  items_sold bigint,
  products_added numeric,
  different_products_sold numeric,
  customers numeric,
  views bigint,
  viewers numeric,
  average_concurrent_viewers numeric,
  peak_concurrent_viewers numeric,
  average_viewing_seconds numeric,
  comments bigint,
  likes bigint,
  shares bigint,
  new_followers bigint,
  product_impressions bigint,
  product_clicks bigint,
  page_id bigint,
  page_index integer,
  primary key (shop_id, date, live_id)
);

create table lives (
  shop_id text collate "C" not null,
  live_id text collate "C" not null,
  title text,
  username text,
  account_type text,
  started_at timestamptz,
  ended_at timestamptz,
  observed_at timestamptz not null,
  primary key (shop_id, live_id)
);

create table analytics_live_minutes (
  shop_id text collate "C" not null,
  date date not null,
  live_id text collate "C" not null,
  minute timestamptz not null,
  gmv numeric,
  items_sold bigint,
  sku_orders bigint,
  customers numeric,
  views bigint,
  viewers numeric,
  product_impressions bigint,
  product_clicks bigint,
  comments bigint,
  likes bigint,
  shares bigint,
  new_followers bigint,
  page_id bigint,
  page_index integer,
  primary key (shop_id, date, live_id, minute)
);

create table analytics_products (
  shop_id text collate "C" not null,
  date date not null,
  product_id text collate "C" not null,
  gmv numeric not null,
  items_sold bigint not null,
  orders_count bigint not null,
  product_impressions bigint,
  product_clicks bigint,
  page_id bigint,
  page_index integer,
  primary key (shop_id, date, product_id)
);

create table analytics_products_to_date (
  shop_id text collate "C" not null,
  until date not null,
  product_id text collate "C" not null,
  days integer not null,
  gmv numeric not null,
  items_sold numeric not null,
  orders_count numeric not null,
  product_impressions numeric not null,
  product_impressions_days integer not null,
  product_clicks numeric not null,
  product_clicks_days integer not null,
  primary key (shop_id, until, product_id)
) with (fillfactor = 85);

create table analytics_skus (
  shop_id text collate "C" not null,
  date date not null,
  sku_id text collate "C" not null,
  product_id text,
  gmv numeric not null,
  sku_orders bigint not null,
  items_sold bigint not null,
  page_id bigint,
  page_index integer,
  primary key (shop_id, date, sku_id)
);

create table analytics_skus_to_date (
  shop_id text collate "C" not null,
  until date not null,
  sku_id text collate "C" not null,
  days integer not null,
  gmv numeric not null,
  sku_orders numeric not null,
  items_sold numeric not null,
  primary key (shop_id, until, sku_id)
) with (fillfactor = 85);

create table analytics_creators (
  shop_id text collate "C" not null,
  date date not null,
  creator text collate "C" not null,
  gmv numeric,
  video_gmv numeric,
  live_gmv numeric,
  sku_orders bigint,
  items_sold bigint,
  views bigint,
  videos numeric,
  lives numeric,
  page_id bigint,
  page_index integer,
  primary key (shop_id, date, creator)
);

create table analytics_affiliates (
  shop_id text collate "C" not null,
  date date not null,
  creator text collate "C" not null,
  gmv numeric,
  orders_count bigint,
  items_sold bigint,
  refunded_items bigint,
  estimated_commission numeric,
  actual_commission numeric,
  page_id bigint,
  page_index integer,
  primary key (shop_id, date, creator)
);

create table analytics_bestsellers (
  shop_id text collate "C" not null,
  date date not null,
  ranking text collate "C" not null,
  subject_id text collate "C" not null,
  title text,
  gmv_range text,
  rank numeric,
  page_id bigint,
  page_index integer,
  primary key (shop_id, date, ranking, subject_id)
);
