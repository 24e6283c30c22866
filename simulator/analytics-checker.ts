import postgres, { type Sql } from 'postgres';
import { TidelineError } from '../src/errors.ts';
import { type CheckedStream, checkedStreams } from './checker/checked-streams.ts';
import { SaleSums, sumSales } from './checker/sale-sums.ts';
import { type CountedSale, readSales } from './checker/sales.ts';
import { dayIn, decimal, exact } from './checker/totals.ts';

export { SaleSums, sumSales } from './checker/sale-sums.ts';
export { type CountedSale, readSales } from './checker/sales.ts';

/** One figure that is not what sales add up to. */
export interface FigureDifference {
  stream: string;
  date: string;
  key: string;
  column: string;
  /** Null where upstream has no such row, or no sale. */
  upstream: string | null;
  /** Null where the row or its figure is missing. */
  stored: string | null;
}

export interface AnalyticsComparison {
  /** Every stored day says what the simulator's sales add up to, and none that was asked for is missing. */
  equal: boolean;
  tiktokShopId: string;
  timeZone: string;
  /** Days and rows compared, and the money of both sides. */
  streams: { stream: string; days: number; rows: number; upstreamGmv: string; storedGmv: string }[];
  /** `stream date` of days asked for that were never read. */
  missingDays: string[];
  /** The first thousand. */
  differences: FigureDifference[];
  differenceCount: number;
}

export interface CompareAnalyticsOptions {
  databaseUrl: string;
  controlUrl: string;
  tiktokShopId: string;
  /** Days that have to be there, both inclusive; without them, what is stored is compared, and nothing is missing. */
  from?: string;
  to?: string;
  /** All that can be proven by sales, where none are named. */
  streams?: readonly string[];
}

const listed = 1_000;
const rowsAtOnce = 5_000;

/**
 * Compares stored analytics, figure by figure, with sums over the simulator's sales that are made here from nothing but
 * the sales themselves: gmv, units, orders, customers, for each day of the shop's zone and each product, SKU, video,
 * session, creator and hour.
 *
 * @throws TidelineError when the shop is not in the database or the simulator does not answer
 */
export async function compareAnalytics(options: CompareAnalyticsOptions): Promise<AnalyticsComparison> {
  const sql = postgres(options.databaseUrl, {
    max: 1,
    onnotice: () => undefined,
    connection: { application_name: 'tideline-checker', search_path: 'tideline' },
  });
  try {
    return await compare(sql, options);
  } finally {
    await sql.end({ timeout: 5 });
  }
}

async function compare(sql: Sql, options: CompareAnalyticsOptions): Promise<AnalyticsComparison> {
  const { tiktokShopId } = options;
  const [shop] = await sql<{ shopId: string; timeZone: string }[]>`
    select shop_id as "shopId", time_zone as "timeZone" from shops where tiktok_shop_id = ${tiktokShopId}`;
  if (shop === undefined) {
    throw new TidelineError({
      code: 'shop-not-stored',
      message: `No shop ${tiktokShopId} is in the database.`,
      actor: 'user',
      action: 'Connect the shop first.',
    });
  }
  const comparison: AnalyticsComparison = {
    equal: false,
    tiktokShopId,
    timeZone: shop.timeZone,
    streams: [],
    missingDays: [],
    differences: [],
    differenceCount: 0,
  };
  const wanted = checkedStreams.filter(({ name }) => options.streams?.includes(name) ?? true);
  for (const stream of wanted) await compareStream(sql, shop, stream, options, comparison);
  comparison.equal = comparison.differenceCount === 0 && comparison.missingDays.length === 0;
  return comparison;
}

async function compareStream(
  sql: Sql,
  { shopId, timeZone }: { shopId: string; timeZone: string },
  stream: CheckedStream,
  { controlUrl, tiktokShopId, from, to }: CompareAnalyticsOptions,
  comparison: AnalyticsComparison,
): Promise<void> {
  const days = new Set(
    (
      await sql<{ date: string }[]>`
        select date::text as date from analytics_days
        where shop_id = ${shopId} and stream = ${stream.name}
          and date >= ${from ?? '1970-01-01'}::date and date <= ${to ?? '9999-12-31'}::date
        order by date`
    ).map(({ date }) => date),
  );
  for (const date of from === undefined || to === undefined ? [] : datesBetween(from, to))
    if (!days.has(date)) comparison.missingDays.push(`${stream.name} ${date}`);
  const [first] = days;
  const last = [...days].at(-1);
  if (first === undefined || last === undefined) return;
  const expected = await expectedRows(stream, timeZone, days, {
    controlUrl,
    tiktokShopId,
    from: addDays(first, -1),
    to: addDays(last, 2),
  });
  const summary = { stream: stream.name, days: days.size, rows: 0, upstreamGmv: 0n, storedGmv: 0n };
  for (const sums of expected.values()) summary.upstreamGmv += sums.gmv;
  const note = (difference: FigureDifference): void => {
    comparison.differenceCount += 1;
    if (comparison.differences.length < listed) comparison.differences.push(difference);
  };
  const columns = stream.figures.map(({ column }) => column);
  const rows = sql`
    select date::text as date, ${sql.unsafe(stream.key)} as key,
      ${sql.unsafe(columns.map((column) => `${column}::text as ${column}`).join(', '))}
    from ${sql.unsafe(stream.table)}
    where shop_id = ${shopId} and date >= ${first}::date and date <= ${last}::date`.cursor(rowsAtOnce);
  for await (const batch of rows) {
    for (const row of batch) {
      const [date, key] = [String(row.date), String(row.key)];
      const sums = expected.get(`${date} ${key}`) ?? new SaleSums();
      expected.delete(`${date} ${key}`);
      summary.rows += 1;
      summary.storedGmv += exact(row.gmv === undefined ? null : String(row.gmv)) ?? 0n;
      for (const { column, money, of, mayBeMissing } of stream.figures) {
        const stored = row[column] === null ? null : String(row[column]);
        if (stored === null && mayBeMissing) continue;
        const upstream = money ? decimal(of(sums)) : String(of(sums));
        if (stored === null || exact(stored) !== exact(upstream))
          note({ stream: stream.name, date, key, column, upstream, stored });
      }
    }
  }
  for (const [name, sums] of expected) {
    const [date = '', ...key] = name.split(' ');
    if (sums.units > 0n || sums.refunds > 0n)
      note({
        stream: stream.name,
        date,
        key: key.join(' '),
        column: 'row',
        upstream: decimal(sums.gmv),
        stored: null,
      });
  }
  const { upstreamGmv, storedGmv, ...counts } = summary;
  comparison.streams.push({ ...counts, upstreamGmv: decimal(upstreamGmv), storedGmv: decimal(storedGmv) });
}

/** Sums by `date key`, of the days that are stored. */
async function expectedRows(
  { by, keyOf, timeOf = usualTime }: CheckedStream,
  timeZone: string,
  days: ReadonlySet<string>,
  asked: { controlUrl: string; tiktokShopId: string; from: string; to: string },
): Promise<Map<string, SaleSums>> {
  const dayOf = dayIn(timeZone);
  const hourOf = hourIn(timeZone);
  const sales: CountedSale[] = [];
  for await (const sale of readSales({ ...asked, by })) sales.push(sale);
  return sumSales(sales, (sale) => {
    const time = timeOf(sale);
    const date = time === null ? '' : dayOf(time);
    const key = days.has(date) ? keyOf(sale, hourOf) : null;
    return key === null ? null : `${date} ${key}`;
  });
}

function usualTime({ countedAs, createTime, cancelTime, paidTime }: CountedSale): number {
  return countedAs === 'created' ? createTime : countedAs === 'cancelled' ? cancelTime : paidTime;
}

/** The hour that clocks of the zone show. */
function hourIn(timeZone: string): (seconds: number) => number {
  const fixed = /^([+-])(\d{2}):(\d{2})$/.exec(timeZone);
  if (fixed !== null) {
    const offset = (fixed[1] === '-' ? -1 : 1) * (Number(fixed[2]) * 3600 + Number(fixed[3]) * 60);
    return (seconds) => new Date((seconds + offset) * 1000).getUTCHours();
  }
  const format = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', hourCycle: 'h23' });
  return (seconds) => Number(format.format(seconds * 1000));
}

function addDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}

function* datesBetween(from: string, to: string): Generator<string> {
  for (let date = from; date <= to; date = addDays(date, 1)) yield date;
}

/** The comparison in a few lines for people. */
export function formatAnalyticsComparison(comparison: AnalyticsComparison): string {
  const { streams, missingDays, differences, differenceCount } = comparison;
  const lines = [
    comparison.equal
      ? `Equal: the stored analytics of shop ${comparison.tiktokShopId} are what its sales add up to.`
      : `NOT equal: analytics of shop ${comparison.tiktokShopId}`,
    ...streams.map(
      ({ stream, days, rows, upstreamGmv, storedGmv }) =>
        `${stream.padEnd(12)}${String(days).padStart(5)} days${String(rows).padStart(9)} rows  GMV upstream ${upstreamGmv}, stored ${storedGmv}`,
    ),
  ];
  if (missingDays.length > 0)
    lines.push(`never read: ${missingDays.length} days (${missingDays.slice(0, 5).join(', ')})`);
  if (differenceCount > 0) lines.push(`differing figures: ${differenceCount}`);
  for (const { stream, date, key, column, upstream, stored } of differences.slice(0, 10))
    lines.push(
      `  ${stream} ${date} ${key} ${column}: upstream ${upstream ?? 'nothing'}, stored ${stored ?? 'nothing'}`,
    );
  return lines.join('\n');
}
