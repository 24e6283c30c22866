import type { Sql } from '../../src/db/pool.ts';
import { type ReadPagesOptions, readPages } from './upstream-pages.ts';

const schema = `
create schema if not exists straightforward;
drop table if exists straightforward.orders, straightforward.line_items;
create table straightforward.orders (
  order_id text primary key, status text, created_at timestamptz, updated_at timestamptz, currency text,
  total_amount numeric, buyer_id text, tracking_number text, shipping_type text, warehouse_id text, raw jsonb);
create table straightforward.line_items (
  order_id text, position integer, line_item_id text, product_id text, product_name text, sku_id text,
  seller_sku text, unit_price numeric, primary key (order_id, position));`;

const upsert = `
with incoming as (
  select value as o from jsonb_array_elements($1::text::jsonb -> 'data' -> 'orders')
), upserted as (
  insert into straightforward.orders
  select o->>'id', o->>'status', to_timestamp((o->>'create_time')::bigint), to_timestamp((o->>'update_time')::bigint),
    o->'payment'->>'currency', (o->'payment'->>'total_amount')::numeric, o->>'user_id', o->>'tracking_number',
    o->>'shipping_type', o->>'warehouse_id', o
  from incoming
  on conflict (order_id) do update set status = excluded.status, updated_at = excluded.updated_at,
    total_amount = excluded.total_amount, tracking_number = excluded.tracking_number, raw = excluded.raw
  where excluded.updated_at >= orders.updated_at
  returning order_id
)
insert into straightforward.line_items
select o->>'id', position, line->>'id', line->>'product_id', line->>'product_name', line->>'sku_id',
  line->>'seller_sku', (line->>'sale_price')::numeric
from incoming, jsonb_array_elements(o->'line_items') with ordinality as lines(line, position)
on conflict (order_id, position) do update set unit_price = excluded.unit_price`;

/**
 * The pipeline that a good engineer writes in an afternoon: each page's text handed to one set-based upsert with
 * typed columns and the raw order as `jsonb`. No ledger, no proof, no crash safety beyond the statement.
 */
export async function runStraightforward(
  sql: Sql,
  pages: Omit<ReadPagesOptions, 'onPage'>,
): Promise<{ seconds: number; orders: number }> {
  await sql.unsafe(schema);
  const started = performance.now();
  await readPages({
    ...pages,
    onPage: async (text) => {
      await sql.unsafe(upsert, [text], { prepare: true });
    },
  });
  const seconds = (performance.now() - started) / 1000;
  const [stored] = await sql<{ orders: number }[]>`select count(*) as orders from straightforward.orders`;
  await sql.unsafe('drop schema straightforward cascade');
  return { seconds, orders: stored?.orders ?? 0 };
}
