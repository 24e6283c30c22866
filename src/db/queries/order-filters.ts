import type postgres from 'postgres';
import type { Transaction } from '../pool.ts';
import { type FoundOrders, lineCondition, searchPattern } from './find-orders.ts';
import type { ShopScope } from './shop-scope.ts';

type Fragment = postgres.PendingQuery<postgres.Row[]>;

/** What the list and the statistics of orders can be narrowed by. Times are RFC 3339, intervals half-open. */
export interface OrderFilters {
  status?: readonly string[] | undefined;
  id?: string | undefined;
  /** Of a product in the order, in any case. */
  brand?: string | undefined;
  product_id?: string | undefined;
  sku_id?: string | undefined;
  /** TikTok's user id. */
  buyer?: string | undefined;
  created_ge?: string | undefined;
  created_lt?: string | undefined;
  updated_ge?: string | undefined;
  updated_lt?: string | undefined;
  /** A plain decimal, inclusive. */
  min_total?: string | undefined;
  /** Part of an order id, product name, seller SKU or tracking number, in any case. */
  search?: string | undefined;
}

/** Whether at most a few orders can match: their columns are then looked at before any search. */
export function namesFew({ id, buyer }: OrderFilters): boolean {
  return id !== undefined || buyer !== undefined;
}

/** How the condition will be used: on a walk that ends when a page is full, or on all orders. */
export type Reach = 'page' | 'all';

/** The condition over `orders o` that a shop's filters make, with what they were found to name. */
export function whereOrders(
  scope: ShopScope,
  tx: Transaction,
  { filters, found, reach }: { filters: OrderFilters; found: FoundOrders; reach: Reach },
): Fragment {
  const conditions = [tx`o.shop_id = ${scope.shopId}`];
  if (filters.status?.length) conditions.push(tx`o.status = any(${[...filters.status]})`);
  if (filters.id !== undefined) conditions.push(tx`o.order_id = ${filters.id}`);
  if (filters.buyer !== undefined) conditions.push(tx`o.buyer_id = ${filters.buyer}`);
  if (filters.created_ge !== undefined) conditions.push(tx`o.created_at >= ${filters.created_ge}`);
  if (filters.created_lt !== undefined) conditions.push(tx`o.created_at < ${filters.created_lt}`);
  if (filters.updated_ge !== undefined) conditions.push(tx`o.updated_at >= ${filters.updated_ge}`);
  if (filters.updated_lt !== undefined) conditions.push(tx`o.updated_at < ${filters.updated_lt}`);
  if (filters.min_total !== undefined)
    conditions.push(tx`o.total_amount >= ${filters.min_total}::text::numeric`);
  if (found.lines === 'many') conditions.push(hasLine(scope, tx, filters, reach));
  else if (found.lines !== null) conditions.push(tx`o.order_id = any(${[...found.lines]})`);
  if (found.search === 'many') conditions.push(hasText(scope, tx, filters.search ?? '', reach));
  else if (found.search !== null) conditions.push(tx`o.order_id = any(${[...found.search]})`);
  return conditions.reduce((some, more) => tx`${some} and ${more}`);
}

/** Orders outside of the ranges that the filters make of update times and totals. */
export function outsideOfRanges(tx: Transaction, filters: OrderFilters): Fragment {
  const conditions = [tx`false`];
  if (filters.updated_ge !== undefined) conditions.push(tx`o.updated_at < ${filters.updated_ge}`);
  if (filters.updated_lt !== undefined) conditions.push(tx`o.updated_at >= ${filters.updated_lt}`);
  if (filters.min_total !== undefined)
    conditions.push(tx`o.total_amount < ${filters.min_total}::text::numeric`);
  return conditions.reduce((some, more) => tx`${some} or ${more}`);
}

/**
 * How many orders the planner expects to match (near for ranges and statuses, a guess for searches), and what it
 * expects reading them to cost, in its own unit.
 */
export async function explainOrders(
  tx: Transaction,
  matching: Fragment,
): Promise<{ orders: number; cost: number }> {
  const [row] = await tx<{ 'QUERY PLAN': [{ Plan: { 'Plan Rows': number; 'Total Cost': number } }] }[]>`
    explain (format json) select o.order_id from orders o where ${matching}`;
  if (row === undefined) throw new Error('The planner said nothing.');
  const plan = row['QUERY PLAN'][0].Plan;
  return { orders: plan['Plan Rows'], cost: plan['Total Cost'] };
}

// `offset 0` keeps the planner from turning the look at each order of a page into a join of all of them.
function hasLine(scope: ShopScope, tx: Transaction, filters: OrderFilters, reach: Reach): Fragment {
  const { shopId } = scope;
  const condition = lineCondition(scope, tx, filters) ?? tx`true`;
  return reach === 'page'
    ? tx`exists (
        select 1 from line_items l where l.shop_id = ${shopId} and l.order_id = o.order_id and ${condition} offset 0)`
    : tx`o.order_id in (select l.order_id from line_items l where l.shop_id = ${shopId} and ${condition})`;
}

function hasText({ shopId }: ShopScope, tx: Transaction, search: string, reach: Reach): Fragment {
  const pattern = searchPattern(search);
  const inLine = tx`
    (l.product_name ilike ${pattern} or l.seller_sku ilike ${pattern} or l.tracking_number ilike ${pattern})`;
  const inOrder = tx`(o.order_id ilike ${pattern} or o.tracking_number ilike ${pattern})`;
  return reach === 'page'
    ? tx`(${inOrder} or exists (
        select 1 from line_items l where l.shop_id = ${shopId} and l.order_id = o.order_id and ${inLine} offset 0))`
    : tx`(${inOrder} or o.order_id in (
        select l.order_id from line_items l where l.shop_id = ${shopId} and ${inLine}))`;
}
