import postgres, { type Sql } from 'postgres';
import { TidelineError } from '../src/errors.ts';
import { readStored, readUpstream, type StoredRow, type UpstreamRow } from './checker/sides.ts';
import { type DayTotal, dayIn, exact, type SideTotals, Totals } from './checker/totals.ts';

export { formatComparison } from './checker/format.ts';

/** Differences listed one by one; beyond that they are only counted. */
const listed = 1_000;

export interface Difference {
  id: string;
  field: string;
  upstream: string | number | null;
  stored: string | number | null;
}

export interface Comparison {
  /** Nothing lost, nothing doubled, every version and every cent the same. */
  equal: boolean;
  tiktokShopId: string;
  timeZone: string;
  upstream: SideTotals;
  stored: SideTotals;
  missing: string[];
  missingCount: number;
  unexpected: string[];
  unexpectedCount: number;
  differing: Difference[];
  differingCount: number;
  /** Order ids stored more than once, and line items without an order. */
  duplicated: number;
  orphanLines: number;
  /** Orders whose lines differ in number or sum, or whose items_count is not the number of their lines. */
  lineDifferences: number;
  quarantined: number;
  /** Orders made unreadable on purpose and rightly set aside. */
  quarantinedOnPurpose: number;
  /** Days on which the two sides disagree. */
  dayDifferences: { date: string; upstream: DayTotal | null; stored: DayTotal | null }[];
  days: number;
}

export interface CompareOptions {
  databaseUrl: string;
  controlUrl: string;
  tiktokShopId: string;
  /** Accepts any order that is set aside, not only those that were poisoned on purpose. */
  tolerateQuarantined?: boolean;
}

/**
 * Compares what is stored with what the simulator holds: sets of ids, versions, money to the cent, lines, tracking
 * numbers, GMV and orders for each of the shop's days. Both sides are streamed in the same order and merged, so memory
 * stays flat however big the shop is.
 *
 * Throws a {@link TidelineError} when the shop is not in the database or the simulator does not answer.
 */
export async function compareWithSimulator(options: CompareOptions): Promise<Comparison> {
  const sql = postgres(options.databaseUrl, {
    max: 2,
    onnotice: () => undefined,
    connection: { application_name: 'tideline-checker' },
  });
  try {
    return await compare(sql, options);
  } finally {
    await sql.end({ timeout: 5 });
  }
}

async function compare(sql: Sql, options: CompareOptions): Promise<Comparison> {
  const { tiktokShopId, controlUrl, tolerateQuarantined = false } = options;
  const [shop] =
    await sql`select shop_id, time_zone from tideline.shops where tiktok_shop_id = ${tiktokShopId}`;
  if (shop === undefined) {
    throw new TidelineError({
      code: 'shop-not-stored',
      message: `No shop ${tiktokShopId} is in the database.`,
      actor: 'user',
      action: 'Connect the shop first.',
    });
  }
  const shopId = String(shop.shop_id);
  const timeZone = String(shop.time_zone);
  const quarantined = new Set<string>();
  for (const row of await sql`select record_id from tideline.quarantined_records where shop_id = ${shopId} and stream = 'orders'`) {
    quarantined.add(String(row.record_id));
  }
  const dayOf = dayIn(timeZone);
  const sides = { upstream: new Totals(dayOf), stored: new Totals(dayOf) };
  const found = { missing: [] as string[], unexpected: [] as string[], differing: [] as Difference[] };
  let missingCount = 0;
  let unexpectedCount = 0;
  let differingCount = 0;
  let lineDifferences = 0;
  let duplicated = 0;
  let quarantinedOnPurpose = 0;
  const keep = <T>(list: T[], value: T): void => {
    if (list.length < listed) list.push(value);
  };
  for await (const [upstream, stored] of merge(
    readUpstream(controlUrl, tiktokShopId),
    readStored(sql, shopId),
    () => (duplicated += 1),
  )) {
    const aside = upstream !== null && quarantined.has(upstream.id);
    if (upstream !== null && aside && (upstream.quarantine || tolerateQuarantined)) {
      // An older version may still be stored; neither side counts it, since neither can be held against the other.
      quarantinedOnPurpose += 1;
      continue;
    }
    if (upstream !== null) sides.upstream.add(upstream);
    if (stored !== null) sides.stored.add(stored);
    if (stored === null && upstream !== null) {
      missingCount += 1;
      keep(found.missing, upstream.id);
    } else if (upstream === null && stored !== null) {
      unexpectedCount += 1;
      keep(found.unexpected, stored.id);
    } else if (upstream !== null && stored !== null) {
      const differences = differencesOf(upstream, stored);
      if (aside)
        differences.push({ id: upstream.id, field: 'quarantined', upstream: null, stored: 'set aside' });
      if (differences.length > 0) differingCount += 1;
      if (differences.some(({ field }) => field.startsWith('line_') || field === 'items_count'))
        lineDifferences += 1;
      for (const difference of differences) keep(found.differing, difference);
    }
  }
  const [orphans] = await sql`
    select count(*)::int as lines from tideline.line_items l where l.shop_id = ${shopId}
      and not exists (select from tideline.orders o where o.shop_id = l.shop_id and o.order_id = l.order_id)`;
  const orphanLines = Number(orphans?.lines ?? 0);
  const days = sides.upstream.days();
  const dayDifferences = compareDays(days, sides.stored.days());
  const wrong =
    missingCount + unexpectedCount + differingCount + duplicated + orphanLines + dayDifferences.length;
  return {
    equal: wrong === 0,
    tiktokShopId,
    timeZone,
    upstream: sides.upstream.summary(),
    stored: sides.stored.summary(),
    ...found,
    missingCount,
    unexpectedCount,
    differingCount,
    duplicated,
    orphanLines,
    lineDifferences,
    quarantined: quarantined.size,
    quarantinedOnPurpose,
    dayDifferences,
    days: days.length,
  };
}

/** Merges two streams that ascend in byte order of their ids. */
async function* merge(
  upstream: AsyncGenerator<UpstreamRow>,
  stored: AsyncGenerator<StoredRow>,
  onDuplicate: () => void,
): AsyncGenerator<[UpstreamRow | null, StoredRow | null]> {
  let left = await upstream.next();
  let right = await stored.next();
  let lastStored: string | null = null;
  while (!left.done || !right.done) {
    if (!right.done && right.value.id === lastStored) {
      onDuplicate();
      right = await stored.next();
      continue;
    }
    const order = left.done
      ? 1
      : right.done
        ? -1
        : left.value.id < right.value.id
          ? -1
          : left.value.id > right.value.id
            ? 1
            : 0;
    const row: [UpstreamRow | null, StoredRow | null] = [
      order <= 0 && !left.done ? left.value : null,
      order >= 0 && !right.done ? right.value : null,
    ];
    yield row;
    if (order <= 0) left = await upstream.next();
    if (order >= 0) {
      lastStored = row[1]?.id ?? null;
      right = await stored.next();
    }
  }
}

function differencesOf(upstream: UpstreamRow, stored: StoredRow): Difference[] {
  const pairs: [string, string | number | null, string | number | null, boolean][] = [
    ['status', upstream.status, stored.status, upstream.status === stored.status],
    ['create_time', upstream.createTime, stored.createTime, upstream.createTime === stored.createTime],
    ['update_time', upstream.updateTime, stored.updateTime, upstream.updateTime === stored.updateTime],
    ['currency', upstream.currency, stored.currency, upstream.currency === stored.currency],
    [
      'total_amount',
      upstream.totalAmount,
      stored.totalAmount,
      sameMoney(upstream.totalAmount, stored.totalAmount),
    ],
    ['sub_total', upstream.subTotal, stored.subTotal, sameMoney(upstream.subTotal, stored.subTotal)],
    ['line_count', upstream.lineCount, stored.lineCount, upstream.lineCount === stored.lineCount],
    ['line_sum', upstream.lineSum, stored.lineSum, sameMoney(upstream.lineSum, stored.lineSum)],
    ['items_count', upstream.lineCount, stored.itemsCount, upstream.lineCount === stored.itemsCount],
    [
      'tracking_number',
      upstream.trackingNumber,
      stored.trackingNumber,
      upstream.trackingNumber === stored.trackingNumber,
    ],
  ];
  return pairs
    .filter(([, , , same]) => !same)
    .map(([field, left, right]) => ({ id: upstream.id, field, upstream: left, stored: right }));
}

function sameMoney(left: string | null, right: string | null): boolean {
  return (
    left === right ||
    (left !== null && right !== null && exact(left) !== null && exact(left) === exact(right))
  );
}

function compareDays(
  upstream: readonly DayTotal[],
  stored: readonly DayTotal[],
): Comparison['dayDifferences'] {
  const [left, right] = [upstream, stored].map((days) => new Map(days.map((day) => [day.date, day])));
  const dates = new Set([...(left?.keys() ?? []), ...(right?.keys() ?? [])]);
  return [...dates]
    .sort()
    .map((date) => ({ date, upstream: left?.get(date) ?? null, stored: right?.get(date) ?? null }))
    .filter((day) => day.upstream?.orders !== day.stored?.orders || day.upstream?.gmv !== day.stored?.gmv);
}
