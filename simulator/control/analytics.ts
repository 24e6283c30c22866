import type { ServerResponse } from 'node:http';
import { readDate, writeDate } from '../analytics/calendar.ts';
import type { Sale } from '../analytics/sales-ledger.ts';
import type { AnalyticsSettings } from '../analytics/shop-analytics.ts';
import { RandomSequence } from '../random.ts';
import type { SimulatedShop } from '../shops.ts';
import { drained } from './truth.ts';

const perChunk = 500;

/** What a control call asks of a shop's analytics, after `/control/shops/{id}/analytics`. */
export interface AnalyticsControl {
  method: string;
  parts: readonly string[];
  query: ReadonlyMap<string, string>;
  body: Record<string, unknown>;
}

/**
 * Looks at the analytics of a shop and changes them.
 *
 * @returns what to answer; a string says what is wrong with the call, null that there is no such call, undefined that the
 *   answer has been written already
 */
export async function controlAnalytics(
  shop: SimulatedShop,
  { method, parts, query, body }: AnalyticsControl,
  response: ServerResponse,
): Promise<Record<string, unknown> | string | null | undefined> {
  switch (`${method} ${parts.join('/')}`) {
    case 'GET ':
      return describe(shop);
    case 'POST ': {
      const read = readSettings(body);
      if (typeof read === 'string') return read;
      try {
        shop.analytics.change(read);
      } catch (error) {
        if (error instanceof RangeError) return `There is no time zone ${read.timeZone}`;
        throw error;
      }
      return describe(shop);
    }
    case 'POST restatements':
      return restate(shop, body);
    case 'GET sales':
      return await streamSales(shop, query, response);
    default:
      return null;
  }
}

function describe({ analytics }: SimulatedShop): Record<string, unknown> {
  const { settings } = analytics;
  return {
    today: writeDate(analytics.today),
    latest_available_date: writeDate(analytics.latestAvailable),
    currency: analytics.currency,
    products: analytics.catalogue.products.length,
    skus: analytics.catalogue.skus.length,
    time_zone: settings.timeZone,
    latency_days: settings.latencyDays,
    settling: settings.settling,
    withheld_scopes: settings.withheldScopes,
    widest_range_days: settings.widestRangeDays,
    nesting: settings.nesting,
    listing: settings.listing,
  };
}

function readSettings(body: Record<string, unknown>): Partial<AnalyticsSettings> | string {
  const read: Partial<AnalyticsSettings> = {};
  for (const [name, value] of Object.entries(body)) {
    if (name === 'time_zone' && typeof value === 'string') read.timeZone = value;
    else if (name === 'latency_days' && isCount(value)) read.latencyDays = value;
    else if (name === 'settling' && (value === 'late' || value === 'immediate')) read.settling = value;
    else if (name === 'withheld_scopes' && Array.isArray(value)) read.withheldScopes = value.map(String);
    else if (name === 'widest_range_days' && isCount(value)) read.widestRangeDays = value;
    else if (name === 'nesting' && (value === 'overall' || value === 'flat')) read.nesting = value;
    else if (name === 'listing' && (value === 'catalogue' || value === 'sold')) read.listing = value;
    else return `There is no setting ${name}, or not with this value`;
  }
  return read;
}

/**
 * Restates a day: `withdraw` takes `count` orders (or a tenth) paid on it out of all figures, `restore` puts them back,
 * `reattribute` gives them to other contents.
 */
function restate(shop: SimulatedShop, body: Record<string, unknown>): Record<string, unknown> | string {
  const { analytics, orders: store } = shop;
  const { kind = 'withdraw', count, seed } = body;
  const dayNumber = typeof body.date === 'string' ? readDate(body.date) : null;
  if (dayNumber === null) return 'date must be a date of the form YYYY-MM-DD';
  if (kind !== 'withdraw' && kind !== 'restore' && kind !== 'reattribute')
    return 'kind must be withdraw, restore or reattribute';
  const { ledger } = analytics;
  const fitting = ledger
    .paidOn(dayNumber)
    .filter((order) => kind === 'reattribute' || ledger.isWithdrawn(order) === (kind === 'restore'));
  const random = new RandomSequence(typeof seed === 'number' ? seed : 1);
  const usual = kind === 'restore' ? fitting.length : Math.ceil(fitting.length / 10);
  const wanted = Math.min(isCount(count) ? count : usual, fitting.length);
  const chosen: number[] = [];
  while (chosen.length < wanted) chosen.push(...fitting.splice(random.below(fitting.length), 1));
  for (const order of chosen) {
    if (kind === 'reattribute') ledger.reattribute(order);
    else ledger.withdraw(order, kind === 'withdraw');
  }
  return { date: writeDate(dayNumber), orders: chosen.length, ids: chosen.map((order) => store.id(order)) };
}

/**
 * Every unit that the figures of the days count now, as NDJSON: what a checker adds up. `by=created` gives instead all paid
 * units of orders created on the days, as affiliate orders list them, at once and withdrawn or not.
 */
async function streamSales(
  shop: SimulatedShop,
  query: ReadonlyMap<string, string>,
  response: ServerResponse,
): Promise<string | undefined> {
  const from = readDate(query.get('start_date') ?? '');
  const last = readDate(query.get('end_date') ?? '');
  if (from === null || last === null)
    return 'start_date and end_date (inclusive) are dates of the form YYYY-MM-DD';
  response.writeHead(200, { 'content-type': 'application/x-ndjson' });
  let chunk = '';
  let lines = 0;
  const found =
    query.get('by') === 'created' ? createdOn(shop, from, last + 1) : countedOn(shop, from, last + 1);
  for (const [axis, sale] of found) {
    chunk += `${JSON.stringify({ counted_as: axis, ...saleLine(shop, sale) })}\n`;
    lines += 1;
    if (lines % perChunk !== 0) continue;
    if (response.destroyed) return undefined;
    if (!response.write(chunk)) await drained(response);
    chunk = '';
  }
  response.end(chunk);
  return undefined;
}

function* countedOn({ analytics }: SimulatedShop, from: number, to: number): Generator<[string, Sale]> {
  const range = analytics.available({ from, to });
  for (const axis of ['paid', 'cancelled'] as const)
    for (const sale of analytics.counted(axis, range)) yield [axis, sale];
}

function* createdOn(shop: SimulatedShop, from: number, to: number): Generator<[string, Sale]> {
  const { calendar, ledger } = shop.analytics;
  const index = shop.orders.index('create_time');
  const [begin, end] = [from, to].map((dayNumber) => index.rank(calendar.momentOf(dayNumber), 0));
  for (const order of index.slice(begin ?? 0, end ?? 0))
    for (const sale of ledger.salesOf(order)) if (sale.paidTime > 0) yield ['created', sale];
}

function saleLine({ analytics, orders: store }: SimulatedShop, sale: Sale): Record<string, unknown> {
  const { catalogue, contents } = analytics;
  const { type, content, account } = sale.origin;
  const video = type === 'VIDEO' ? contents.video(content) : null;
  const session = type === 'LIVE' ? contents.session(content) : null;
  return {
    order_id: store.id(sale.order),
    buyer: sale.buyer,
    create_time: store.time('create_time', sale.order),
    paid_time: sale.paidTime,
    cancel_time: sale.cancelTime,
    product_id: catalogue.products[sale.product]?.id ?? '',
    sku_id: catalogue.skus[sale.sku]?.id ?? '',
    amount: analytics.money(sale.amount).amount,
    content_type: type,
    content_id: video?.id ?? session?.id ?? null,
    session_started_at: session?.startsAt ?? null,
    username: account?.username ?? null,
    account_type: account?.type ?? null,
  };
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 100_000;
}
