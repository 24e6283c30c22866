-- Orders of shops as a source of conversions.

create table conversion_sources (
  shop_id text collate "C" primary key references shops on delete cascade,
  enabled boolean not null,
  paid_from timestamptz not null,
  destinations text[],
  updated_at timestamptz not null default now()
);
comment on table conversion_sources is 'Shops whose paid orders become conversion events; without a row, and by default, they do not.';
comment on column conversion_sources.paid_from is 'Orders paid before it are left alone, but for a replay.';
comment on column conversion_sources.destinations is 'NULL: every destination.';

create table order_conversion_marks (
  mark_id bigint generated always as identity primary key,
  shop_id text collate "C" not null,
  order_id text collate "C" not null,
  due_at timestamptz not null default now()
);
comment on table order_conversion_marks is 'Paid orders that were written and not looked at since. Appended only, so writers never wait for each other; whoever has decided about an order removes the marks that it has seen.';
create index order_conversion_marks_by_shop on order_conversion_marks (shop_id, due_at);

create table order_conversions (
  shop_id text collate "C" not null,
  order_id text collate "C" not null,
  decision text not null check (decision in ('told', 'left_out')),
  reason text,
  event_id text collate "C",
  amount numeric not null,
  currency text not null,
  decided_at timestamptz not null default date_trunc('milliseconds', now()),
  primary key (shop_id, order_id),
  check ((event_id is not null) = (decision = 'told')),
  check ((reason is not null) = (decision = 'left_out'))
);
comment on table order_conversions is 'What was decided about each paid order.';
comment on column order_conversions.amount is 'The order''s total when it was decided: for one that was told, the value of its event.';
create index order_conversions_recent on order_conversions (shop_id, decided_at desc, order_id desc);

create table order_follow_ups (
  shop_id text collate "C" not null,
  order_id text collate "C" not null,
  kind text not null check (kind in ('cancelled', 'reduced')),
  amount numeric not null,
  outcomes jsonb not null,
  decided_at timestamptz not null default date_trunc('milliseconds', now()),
  primary key (shop_id, order_id, kind)
);
comment on table order_follow_ups is 'What became of an order after its purchase was told.';
comment on column order_follow_ups.amount is 'What of the purchase was taken back.';
comment on column order_follow_ups.outcomes is 'For each delivery of the purchase: withheld, stands or not_counted.';

-- A trigger and not a call of each writer, as for day totals: whoever writes an order, its payment is heard of.
create function mark_order_conversions() returns trigger language plpgsql as $$
begin
  insert into tideline.order_conversion_marks (shop_id, order_id)
  select t.shop_id, t.order_id from touched t join tideline.conversion_sources s using (shop_id)
  where s.enabled and t.paid_at is not null and t.status <> 'UNPAID' and (t.paid_at >= s.paid_from or exists (
    select 1 from tideline.order_conversions c
    where c.shop_id = t.shop_id and c.order_id = t.order_id and c.decision = 'told'));
  return null;
end $$;

create trigger mark_inserted_conversions after insert on orders
  referencing new table as touched for each statement execute function mark_order_conversions();
create trigger mark_changed_conversions after update on orders
  referencing new table as touched for each statement execute function mark_order_conversions();
