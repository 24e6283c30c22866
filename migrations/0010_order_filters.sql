-- Filters and search of orders.

-- What filters ask for lies in the index, so that a walk over it reads no rows that do not match.
drop index orders_by_created;
drop index orders_by_updated;
create index orders_by_created on orders (shop_id, created_at desc, order_id desc)
  include (status, currency, total_amount, updated_at);
create index orders_by_updated on orders (shop_id, updated_at desc, order_id desc)
  include (status, currency, total_amount, created_at);
create index orders_by_total on orders (shop_id, total_amount desc, order_id desc);
-- Whatever is not closed is new: a walk from the oldest order would come to it last.
create index orders_open on orders (shop_id, status, created_at desc, order_id desc)
  where status not in ('COMPLETED', 'CANCELLED');
create index orders_by_buyer on orders using hash (buyer_id);
create index line_items_by_sku on line_items (sku_id);

create table order_day_words (
  shop_id text collate "C" not null,
  date date not null,
  words text not null,
  primary key (shop_id, date)
);
alter table order_day_words alter column words set storage external;
comment on table order_day_words is 'What a search looks for in the orders of one of the shop''s days: a line for each order, `order id, tab, its id and tracking numbers in small letters, tab between them`. True where order_day_totals is.';

create table sold_items (
  shop_id text collate "C" not null,
  item_hash text collate "C" not null,
  product_id text,
  sku_id text,
  product_name text,
  seller_sku text,
  primary key (shop_id, item_hash)
);
comment on table sold_items is 'Every product, SKU, name and seller SKU that line items ever named together, but for days with a mark.';

insert into order_day_marks (shop_id, utc_date)
select distinct shop_id, (created_at at time zone 'UTC')::date from orders;
