-- Figures of all contents together and of one thing in detail, and rankings of more than one day. The tables follow
-- `src/analytics/detail-streams.ts`.

create table analytics_video_overview (
  shop_id text collate "C" not null,
  date date not null,
  gmv numeric,
  sku_orders bigint,
  product_impressions bigint,
  product_clicks bigint,
  customers numeric,
  page_id bigint,
  page_index integer,
  primary key (shop_id, date)
);

create table analytics_live_overview (
  shop_id text collate "C" not null,
  date date not null,
  gmv numeric,
  sku_orders bigint,
  items_sold bigint,
  customers numeric,
  click_through_rate numeric,
  click_to_order_rate numeric,
  page_id bigint,
  page_index integer,
  primary key (shop_id, date)
);

create table analytics_live_products (
  shop_id text collate "C" not null,
  date date not null,
  live_id text collate "C" not null,
  product_id text collate "C" not null,
  gmv numeric,
  items_sold bigint,
  orders_count bigint,
  sku_orders bigint,
  created_sku_orders bigint,
  added_to_cart bigint,
  product_impressions bigint,
  product_clicks bigint,
  customers numeric,
  page_id bigint,
  page_index integer,
  primary key (shop_id, date, live_id, product_id)
);

create table analytics_video_products (
  shop_id text collate "C" not null,
  date date not null,
  video_id text collate "C" not null,
  product_id text collate "C" not null,
  gmv numeric,
  items_sold bigint,
  customers numeric,
  page_id bigint,
  page_index integer,
  primary key (shop_id, date, video_id, product_id)
);

create table analytics_product_details (
  shop_id text collate "C" not null,
  date date not null,
  product_id text collate "C" not null,
  ratings jsonb,
  top_contents jsonb,
  top_creators jsonb,
  gmv numeric,
  items_sold bigint,
  orders_count bigint,
  canceled_count bigint,
  returned_count bigint,
  refunded_count bigint,
  replaced_count bigint,
  live_gmv numeric,
  live_items_sold bigint,
  live_customers numeric,
  live_impressions bigint,
  live_page_views bigint,
  live_visitors numeric,
  live_click_through_rate numeric,
  live_conversion_rate numeric,
  video_gmv numeric,
  video_items_sold bigint,
  video_customers numeric,
  video_impressions bigint,
  video_page_views bigint,
  video_visitors numeric,
  video_click_through_rate numeric,
  video_conversion_rate numeric,
  product_card_gmv numeric,
  product_card_items_sold bigint,
  product_card_customers numeric,
  product_card_impressions bigint,
  product_card_page_views bigint,
  product_card_visitors numeric,
  product_card_click_through_rate numeric,
  product_card_conversion_rate numeric,
  page_id bigint,
  page_index integer,
  primary key (shop_id, date, product_id)
);

create table analytics_video_details (
  shop_id text collate "C" not null,
  date date not null,
  video_id text collate "C" not null,
  viewer_profile jsonb,
  gmv numeric,
  items_sold bigint,
  views bigint,
  likes bigint,
  comments bigint,
  shares bigint,
  new_followers bigint,
  product_impressions bigint,
  product_clicks bigint,
  customers numeric,
  page_id bigint,
  page_index integer,
  primary key (shop_id, date, video_id)
);

create table analytics_sku_details (
  shop_id text collate "C" not null,
  date date not null,
  sku_id text collate "C" not null,
  gmv numeric,
  items_sold bigint,
  sku_orders bigint,
  live_gmv numeric,
  live_items_sold bigint,
  video_gmv numeric,
  video_items_sold bigint,
  product_card_gmv numeric,
  product_card_items_sold bigint,
  page_id bigint,
  page_index integer,
  primary key (shop_id, date, sku_id)
);

comment on table analytics_live_products is 'Of whole sessions, under the day on which they began.';
comment on column analytics_product_details.top_creators is 'As they stand when the day is read, as are ratings and top_contents. Most of these sales are in analytics_creators, too: the two are not to be added up.';

alter table analytics_bestsellers add column time_slot text collate "C" not null default '1D';
alter table analytics_bestsellers alter column time_slot drop default;
alter table analytics_bestsellers drop constraint analytics_bestsellers_pkey,
  add primary key (shop_id, date, ranking, time_slot, subject_id);
comment on column analytics_bestsellers.time_slot is '1D, 7D or 30D: the days, up to and with this one, that the ranking is of.';
