import type postgres from 'postgres';
import type { Transaction } from '../pool.ts';
import { type FoundOrders, mostMarkedDays, type OrderSearch, unnamed } from '../queries/find-orders.ts';
import {
  explainOrders,
  namesFew,
  type OrderFilters,
  outsideOfRanges,
  whereOrders,
} from '../queries/order-filters.ts';
import type { ShopScope } from '../queries/shop-scope.ts';
import { nearShopDay, shopDay } from './shop-days.ts';

type Fragment = postgres.PendingQuery<postgres.Row[]>;

/** How a snapshot cuts a shop's orders into days, and which UTC days the totals are not true for. */
export interface ShopCalendar {
  timeZone: string;
  marked: readonly string[];
}

export async function readShopCalendar(scope: ShopScope, tx: Transaction): Promise<ShopCalendar> {
  const [shop] = await tx<{ timeZone: string; marked: string[] }[]>`
    select time_zone as "timeZone", array(
      select distinct utc_date from order_day_marks m where m.shop_id = s.shop_id)::text[] as marked
    from shops s where shop_id = ${scope.shopId}`;
  if (shop === undefined) throw new Error(`There is no shop ${scope.shopId}.`);
  return shop;
}

/** How the matched orders of a snapshot are counted. */
export interface Counting {
  filters: OrderFilters;
  found: FoundOrders;
  calendar: ShopCalendar;
  /** From totals of days; from all matches; or from the totals, without the orders that the ranges leave out. */
  from: 'days' | 'matches' | 'days without others';
}

/** From here on it pays to ask whether what does not match is less. */
const manyMatches = 30_000;

/** Chooses what is the least to read. */
export async function planCounting(
  scope: ShopScope,
  tx: Transaction,
  filters: OrderFilters,
  search: OrderSearch,
): Promise<Counting> {
  const calendar = await readShopCalendar(scope, tx);
  const found = namesFew(filters) ? unnamed(filters) : await search.find();
  const plan = { filters, found, calendar };
  if (isSubset(filters, dayFilters)) {
    const few = calendar.marked.length <= mostMarkedDays;
    return { ...plan, from: few ? 'days' : 'matches' };
  }
  if (!isSubset(filters, [...dayFilters, ...rangeFilters])) return { ...plan, from: 'matches' };
  const { orders: matches } = await explainOrders(tx, whereMatches(scope, tx, plan));
  if (matches < manyMatches) return { ...plan, from: 'matches' };
  const { orders: others } = await explainOrders(tx, whereOthers(scope, tx, plan));
  return { ...plan, from: others < matches ? 'days without others' : 'matches' };
}

const dayFilters = ['status', 'created_ge', 'created_lt'];
const rangeFilters = ['updated_ge', 'updated_lt', 'min_total'];

function isSubset(filters: OrderFilters, names: readonly string[]): boolean {
  return Object.entries(filters).every(([name, value]) => value === undefined || names.includes(name));
}

function onlyDays({ status, created_ge, created_lt }: OrderFilters): OrderFilters {
  return { status, created_ge, created_lt };
}

function whereMatches(
  scope: ShopScope,
  tx: Transaction,
  { filters, found }: Omit<Counting, 'from'>,
): Fragment {
  return whereOrders(scope, tx, { filters, found, reach: namesFew(filters) ? 'page' : 'all' });
}

/** Orders that only the ranges keep from matching. */
function whereOthers(
  scope: ShopScope,
  tx: Transaction,
  { filters, found }: Omit<Counting, 'from'>,
): Fragment {
  const ofDays = whereOrders(scope, tx, { filters: onlyDays(filters), found, reach: 'all' });
  return tx`${ofDays} and (${outsideOfRanges(tx, filters)})`;
}

/**
 * The matched orders of the snapshot in groups, as a query: `currency`, `status`, `date` (a day of the shop), `orders`
 * and `amount`; several rows may be of one group, and those that take orders away are negative.
 */
export function groupOrders(scope: ShopScope, tx: Transaction, counting: Counting): Fragment {
  const { filters, calendar, from } = counting;
  if (from === 'matches') return groupFromOrders(tx, whereMatches(scope, tx, counting), calendar);
  const ofDays = groupFromTotals(scope, tx, onlyDays(filters), counting);
  if (from === 'days') return ofDays;
  return tx`
    ${ofDays} union all
    select currency, status, date, -orders, -amount
    from (${groupFromOrders(tx, whereOthers(scope, tx, counting), calendar)}) as other`;
}

/** How many orders match. */
export async function countOrders(
  scope: ShopScope,
  tx: Transaction,
  filters: OrderFilters,
  search: OrderSearch,
): Promise<number> {
  const counting = await planCounting(scope, tx, filters, search);
  const { from } = counting;
  const ofDays =
    from === 'matches' ? tx`select 0 as orders` : groupFromTotals(scope, tx, onlyDays(filters), counting);
  const ofOrders = {
    days: tx`false`,
    matches: whereMatches(scope, tx, counting),
    'days without others': whereOthers(scope, tx, counting),
  }[from];
  const [counted] = await tx<{ of_days: number; of_orders: number }[]>`
    select (select coalesce(sum(orders), 0)::bigint from (${ofDays}) as g) as of_days,
      (select count(*) from orders o where ${ofOrders}) as of_orders`;
  if (counted === undefined) throw new Error('A count answered nothing.');
  return from === 'matches' ? counted.of_orders : counted.of_days - counted.of_orders;
}

function groupFromOrders(tx: Transaction, matching: Fragment, { timeZone }: ShopCalendar): Fragment {
  return tx`
    select o.currency, o.status, ${shopDay(tx, timeZone, tx`o.created_at`)} as date, count(*) as orders,
      sum(o.total_amount) as amount
    from orders o where ${matching}
    group by 1, 2, 3`;
}

/** From the totals wherever these hold, else from the orders. */
function groupFromTotals(
  scope: ShopScope,
  tx: Transaction,
  filters: OrderFilters,
  { found, calendar }: Omit<Counting, 'from'>,
): Fragment {
  const matching = whereOrders(scope, tx, { filters, found, reach: 'all' });
  const { timeZone, marked } = calendar;
  const { status, created_ge: from, created_lt: to } = filters;
  const dayOf = (bound: string): Fragment => shopDay(tx, timeZone, tx`${bound}::text::timestamptz`);
  const first = from === undefined ? tx`'-infinity'::date` : dayOf(from);
  const last = to === undefined ? tx`'infinity'::date` : dayOf(to);
  const cut = [from, to].flatMap((bound) => (bound === undefined ? [] : [tx`union select ${dayOf(bound)}`]));
  const near = nearShopDay(tx, timeZone, { instant: tx`o.created_at`, day: tx`day.date` });
  return tx`
    with counted_days as materialized (
      select distinct date from (
        select utc_date + n as date from unnest(${[...marked]}::text[]::date[]) as utc_date, generate_series(-1, 1) as n
        ${cut.reduce((some, more) => tx`${some} ${more}`, tx``)}
      ) as days where date between ${first} and ${last}
    )
    select currency, status, date, orders, amount from order_day_totals
    where shop_id = ${scope.shopId} and date between ${first} and ${last}
      and date not in (select date from counted_days)
      ${status?.length ? tx`and status = any(${[...status]})` : tx``}
    union all
    select o.currency, o.status, day.date, count(*), sum(o.total_amount)
    from counted_days as day
    join lateral (
      select o.created_at, o.currency, o.status, o.total_amount from orders o
      where ${matching} and ${near}
      offset 0
    ) as o on ${shopDay(tx, timeZone, tx`o.created_at`)} = day.date
    group by o.currency, o.status, day.date`;
}
