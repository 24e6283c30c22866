import type postgres from 'postgres';
import type { Transaction } from '../pool.ts';
import type { OrderFilters } from './order-filters.ts';
import type { ShopScope } from './shop-scope.ts';

type Fragment = postgres.PendingQuery<postgres.Row[]>;

/** Order ids; `many` when there are more than it pays to name; null when the filter is not asked for. */
export type Found = readonly string[] | 'many' | null;

/** What the filters find that lie outside of the orders' own columns. */
export interface FoundOrders {
  /** By product_id, sku_id and brand, in one line item. */
  lines: Found;
  search: Found;
}

/** Looks for the orders that `filters` name outside of the orders' own columns: once, and not before it is needed. */
export interface OrderSearch {
  /** Whether any of the filters is of that kind. */
  isAsked: boolean;
  find(): Promise<FoundOrders>;
}

export function searchOrders(scope: ShopScope, tx: Transaction, filters: OrderFilters): OrderSearch {
  const { lines, search } = unnamed(filters);
  let found: Promise<FoundOrders> | undefined;
  return {
    isAsked: lines !== null || search !== null,
    find: () => {
      found ??= findOrders(scope, tx, filters);
      return found;
    },
  };
}

/** Nothing looked for yet: each order would have to be looked at. */
export function unnamed({ product_id, sku_id, brand, search }: OrderFilters): FoundOrders {
  return {
    lines: product_id === undefined && sku_id === undefined && brand === undefined ? null : 'many',
    search: search === undefined ? null : 'many',
  };
}

const mostIds = 10_000;
/** With more days than this out of date (a first sync that is on) every order is looked at. */
export const mostMarkedDays = 60;

/**
 * Finds orders by line item and by text. The roll-ups say where to look; days that they are not true for are read
 * themselves. To be used in the snapshot that it was asked in.
 */
export async function findOrders(
  scope: ShopScope,
  tx: Transaction,
  filters: OrderFilters,
): Promise<FoundOrders> {
  const line = lineCondition(scope, tx, filters);
  if (line === null && filters.search === undefined) return { lines: null, search: null };
  const [marked] = await tx<{ days: number }[]>`
    select count(distinct utc_date) as days from order_day_marks where shop_id = ${scope.shopId}`;
  const days = marked?.days ?? 0;
  const find = async (condition: LineCondition, more: Fragment = tx``): Promise<Found> => {
    if (days > mostMarkedDays) return 'many';
    const near = days > 0 ? nearMarks(scope, tx, condition) : tx``;
    const rows = await tx<{ order_id: string }[]>`
      ${byLine(scope, tx, condition.line)} ${near} ${more} limit ${mostIds + 1}`;
    return rows.length > mostIds ? 'many' : [...new Set(rows.map((row) => row.order_id))];
  };
  return {
    lines: line === null ? null : await find({ line, order: tx`false`, lineNearMarks: line }),
    search: filters.search === undefined ? null : await findText(scope, tx, filters.search, find),
  };
}

/** What is looked for: in line items by what `sold_items` knows; near marks in orders and in all of their lines. */
interface LineCondition {
  line: Fragment;
  order: Fragment;
  lineNearMarks: Fragment;
}

/** The condition over `line_items l` (and over `sold_items l`) of the filters by product, SKU and brand; null without one. */
export function lineCondition(
  { shopId }: ShopScope,
  tx: Transaction,
  filters: OrderFilters,
): Fragment | null {
  const { product_id: product, sku_id: sku, brand } = filters;
  if (product === undefined && sku === undefined && brand === undefined) return null;
  const ofProduct = product === undefined ? tx`true` : tx`l.product_id = ${product}`;
  const ofSku = sku === undefined ? tx`` : tx`and l.sku_id = ${sku}`;
  const ofBrand =
    brand === undefined
      ? tx``
      : tx`and l.product_id in (
          select p.product_id from products p where p.shop_id = ${shopId} and lower(p.brand) = lower(${brand}))`;
  return tx`${ofProduct} ${ofSku} ${ofBrand}`;
}

/** Search texts as patterns of `ilike`: everything stands for itself. */
export function searchPattern(search: string): string {
  return `%${search.replaceAll(/[\\%_]/g, '\\$&')}%`;
}

async function findText(
  scope: ShopScope,
  tx: Transaction,
  search: string,
  find: (condition: LineCondition, more: Fragment) => Promise<Found>,
): Promise<Found> {
  // What holds the words apart cannot be looked for in them.
  if (['\t', '\n', '\u0001'].some((character) => search.includes(character))) return 'many';
  const { shopId } = scope;
  const pattern = searchPattern(search);
  const line = tx`(l.product_name ilike ${pattern} or l.seller_sku ilike ${pattern})`;
  const condition = {
    line,
    order: tx`(o.order_id ilike ${pattern} or o.tracking_number ilike ${pattern})`,
    lineNearMarks: tx`(${line} or l.tracking_number ilike ${pattern})`,
  };
  return find(
    condition,
    tx`union all
      select split_part(words_of_order, E'\t', 1)
      from order_day_words d, string_to_table(d.words, E'\n') as words_of_order
      where d.shop_id = ${shopId} and (not d.is_plain or lower(${search}) ~ '^[0-9a-z]+$')
        and strpos(d.words, lower(${search})) > 0
        and strpos(words_of_order, lower(${search})) > 0
        and d.date not in (
          select utc_date + n from order_day_marks m, generate_series(-1, 1) as n where m.shop_id = ${shopId})`,
  );
}

/** One SKU after the other, so that the reading ends as soon as there are too many orders. */
function byLine({ shopId }: ShopScope, tx: Transaction, condition: Fragment): Fragment {
  return tx`
    select l.order_id
    from (select distinct l.sku_id from sold_items l where l.shop_id = ${shopId} and ${condition}) as item
    join lateral (
      select l.order_id from line_items l
      where l.shop_id = ${shopId} and l.sku_id = item.sku_id and ${condition} offset 0
    ) as l on true
    union all
    select l.order_id from line_items l
    where l.shop_id = ${shopId} and ${condition} and l.sku_id is null and (
      select true from sold_items l where l.shop_id = ${shopId} and l.sku_id is null and ${condition} limit 1)`;
}

/**
 * The UTC days that hold every order of a shop's day near a mark are read order by order; `offset 0` keeps the planner
 * from beginning at the line items.
 */
function nearMarks({ shopId }: ShopScope, tx: Transaction, condition: LineCondition): Fragment {
  return tx`
    union all
    select o.order_id
    from (
      select distinct utc_date + n as utc_date from order_day_marks, generate_series(-2, 2) as n
      where shop_id = ${shopId}
    ) as day
    join lateral (
      select o.order_id, o.tracking_number from orders o
      where o.shop_id = ${shopId} and o.created_at >= day.utc_date::timestamp at time zone 'UTC'
        and o.created_at < (day.utc_date + 1)::timestamp at time zone 'UTC'
      offset 0
    ) as o on true
    where ${condition.order} or exists (
      select 1 from line_items l
      where l.shop_id = ${shopId} and l.order_id = o.order_id and ${condition.lineNearMarks} offset 0)`;
}
