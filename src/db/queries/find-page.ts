import type postgres from 'postgres';
import type { Transaction } from '../pool.ts';
import { type FoundOrders, type OrderSearch, unnamed } from './find-orders.ts';
import type { Direction, OrderPosition, OrderSort } from './order-cursor.ts';
import { explainOrders, namesFew, type OrderFilters, whereOrders } from './order-filters.ts';
import type { ShopScope } from './shop-scope.ts';

type Fragment = postgres.PendingQuery<postgres.Row[]>;

export interface PageQuery {
  filters: OrderFilters;
  sort: OrderSort;
  direction: Direction;
  limit: number;
  after: OrderPosition | null;
}

const nothing: FoundOrders = { lines: null, search: null };

/** Orders that are looked at for each one wanted before another way is taken; fewer where their line items are, too. */
const looksForEach = { order: 20, lines: 3 };
/** Where finding all matches costs more than this share of reading the whole shop, a walk costs less. */
const mostToSort = 1 / 3;

/**
 * The ids of a page and of the first order behind it, in no order.
 *
 * A walk in the asked order is quickest where every few orders one matches, and reads nearly the whole table where
 * the matches lie at its other end: created early, changed last. The planner takes the columns for independent and
 * cannot see that. So a short walk comes first. Where it does not fill the page, matches are few or far away, and
 * they are all found and sorted, unless they are a great part of the shop.
 */
export async function findPage(
  scope: ShopScope,
  tx: Transaction,
  query: PageQuery,
  search: OrderSearch,
): Promise<string[]> {
  const { filters, limit } = query;
  const wanted = limit + 1;
  if (namesFew(filters)) return sortMatches(tx, query, matchingOf(scope, tx, query, unnamed(filters)));
  const near = await walkShortly(
    scope,
    tx,
    query,
    wanted * (search.isAsked ? looksForEach.lines : looksForEach.order),
  );
  if (near.length === wanted) return near;
  const found = await search.find();
  const matching = matchingOf(scope, tx, query, found);
  const named = [found.lines, found.search].some((ids) => ids !== null && ids !== 'many');
  if (named || (await costOfColumns(scope, tx, filters)) < mostToSort)
    return sortMatches(tx, query, matching);
  return idsOf(tx`
    select o.order_id from orders o where ${matching} ${orderOf(tx, query).order} limit ${wanted}`);
}

/** What the filters by columns let the planner read, as a share of all that there is. */
async function costOfColumns(scope: ShopScope, tx: Transaction, filters: OrderFilters): Promise<number> {
  const costOf = async (some: OrderFilters): Promise<number> =>
    (await explainOrders(tx, whereOrders(scope, tx, { filters: some, found: nothing, reach: 'all' }))).cost;
  return (await costOf(filters)) / (await costOf({}));
}

/** Looks at the first orders only: the limit of the subquery keeps the planner from anything else. */
async function walkShortly(
  scope: ShopScope,
  tx: Transaction,
  query: PageQuery,
  looks: number,
): Promise<string[]> {
  const { filters, limit, sort } = query;
  const { order, beyond } = orderOf(tx, query);
  const { created_ge, created_lt, updated_ge, updated_lt, min_total } = filters;
  const range: Record<OrderSort, OrderFilters> = {
    created_at: { created_ge, created_lt },
    updated_at: { updated_ge, updated_lt },
    total_amount: { min_total },
  };
  const within = whereOrders(scope, tx, { filters: range[sort], found: nothing, reach: 'page' });
  const matching = whereOrders(scope, tx, { filters, found: unnamed(filters), reach: 'page' });
  return idsOf(tx`
    select o.order_id from (
      select * from orders o where ${within} ${beyond} ${order} limit ${looks}
    ) as o where ${matching} ${order} limit ${limit + 1}`);
}

/** Finds all matches before it sorts them, whatever the planner thinks of it. */
function sortMatches(tx: Transaction, query: PageQuery, matching: Fragment): Promise<string[]> {
  return idsOf(tx`
    with o as materialized (select o.order_id, o.${tx(query.sort)} from orders o where ${matching})
    select order_id from o ${orderOf(tx, query).order} limit ${query.limit + 1}`);
}

async function idsOf(rows: Fragment): Promise<string[]> {
  return (await rows).map((row) => (row as { order_id: string }).order_id);
}

function matchingOf(scope: ShopScope, tx: Transaction, query: PageQuery, found: FoundOrders): Fragment {
  const { filters } = query;
  return tx`${whereOrders(scope, tx, { filters, found, reach: 'page' })} ${orderOf(tx, query).beyond}`;
}

/** The asked order of `orders o`, and what lies behind the cursor in it. */
export function orderOf(
  tx: Transaction,
  { sort, direction, after }: Pick<PageQuery, 'sort' | 'direction' | 'after'>,
): { order: Fragment; beyond: Fragment } {
  const key = tx`o.${tx(sort)}`;
  const type = sort === 'total_amount' ? tx`numeric` : tx`timestamptz`;
  const comparison = direction === 'asc' ? tx`>` : tx`<`;
  const ordered = direction === 'asc' ? tx`asc` : tx`desc`;
  return {
    order: tx`order by ${key} ${ordered}, o.order_id ${ordered}`,
    beyond: after
      ? tx`and (${key}, o.order_id) ${comparison} (${after.value}::text::${type}, ${after.orderId})`
      : tx``,
  };
}
