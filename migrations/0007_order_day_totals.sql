-- Statistics of orders: totals of each shop's days, and marks of the days whose totals are out of date.

create table order_day_totals (
  shop_id text collate "C" not null,
  date date not null,
  currency text not null,
  status text not null,
  orders bigint not null,
  amount numeric not null,
  primary key (shop_id, date, currency, status)
);
comment on table order_day_totals is 'Orders and the sum of their total_amount for each day of `created_at` in the shop''s time zone. True for every day that no mark is near.';

create table order_day_marks (
  shop_id text collate "C" not null,
  utc_date date not null
);
comment on table order_day_marks is 'One row for each statement and UTC day whose orders it touched; the roll-up removes the marks that it has seen. Appended only, so writers never wait for each other. A UTC day lies within the shop''s days from the one before to the one after.';
create index order_day_marks_by_shop on order_day_marks (shop_id);

-- A trigger and not a call of each writer: totals must hear of every change, whoever makes it.
create function mark_order_days() returns trigger language plpgsql as $$
begin
  insert into tideline.order_day_marks (shop_id, utc_date)
  select distinct shop_id, (created_at at time zone 'UTC')::date from touched;
  return null;
end $$;

create function mark_changed_order_days() returns trigger language plpgsql as $$
begin
  insert into tideline.order_day_marks (shop_id, utc_date)
  select shop_id, (created_at at time zone 'UTC')::date from touched
  union
  select shop_id, (created_at at time zone 'UTC')::date from replaced;
  return null;
end $$;

create trigger mark_inserted_days after insert on orders
  referencing new table as touched for each statement execute function mark_order_days();
create trigger mark_deleted_days after delete on orders
  referencing old table as touched for each statement execute function mark_order_days();
create trigger mark_changed_days after update on orders
  referencing old table as replaced new table as touched for each statement execute function mark_changed_order_days();

-- In another time zone an order may be of another day, up to two days away. Days without totals have marks already.
create function mark_every_order_day() returns trigger language plpgsql as $$
begin
  perform pg_advisory_xact_lock(hashtextextended('order day totals ' || new.shop_id, 0));
  insert into tideline.order_day_marks (shop_id, utc_date)
  select distinct shop_id, date + n from tideline.order_day_totals, generate_series(-1, 1) as n
  where shop_id = new.shop_id;
  return null;
end $$;
create trigger mark_every_day after update of time_zone on shops
  for each row when (old.time_zone is distinct from new.time_zone) execute function mark_every_order_day();

insert into order_day_marks (shop_id, utc_date)
select distinct shop_id, (created_at at time zone 'UTC')::date from orders;
