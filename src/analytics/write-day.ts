import { bulk, type ColumnValue, columnArrays, textArray, unnestClause } from '../db/column-arrays.ts';
import type { Sql, Transaction } from '../db/pool.ts';
import { TidelineError } from '../errors.ts';
import type { Day } from './calendar.ts';
import { dayStatement, firstDayStatement, rowColumns, type WrittenDay } from './day-statement.ts';
import { keepUsedPages } from './pages.ts';
import { finishRunDay, lockRunDay } from './run-days.ts';
import { readAgainOn } from './settling.ts';
import { type Description, declarationOf, type StreamName, streamNames } from './streams.ts';
import { boundariesBehind, lockSums } from './to-date.ts';

export type AnalyticsSource = 'open_api' | 'seller_center' | 'workbook';

/** Keys, figures and descriptions by column name; decimals and long integers as text, null where nothing was sent. */
export type DayRow = Readonly<Record<string, ColumnValue>>;

export interface DayToWrite {
  shopId: string;
  stream: StreamName;
  date: Day;
  runId: string;
  /** From `claimRunDay`: whoever claimed the day later keeps this one from writing. */
  attempt: number;
  source?: AnalyticsSource;
  /** The shop's calendar day of now. */
  today: Day;
  /** Upstream's clock when the first page of the day was answered. */
  observedAt: Date;
  /** Of the day's money; null when no row has any. */
  currency: string | null;
  /** The last day whose figures TikTok calls ready; null where it does not say. */
  latestAvailableDate: Day | null;
  /** All rows of the day; of several with one key the last. */
  rows: readonly DayRow[];
  /** Rows that could not be read and were set aside. */
  quarantined?: number;
}

export interface DayCounts {
  fetched: number;
  /** Rows new or changed. */
  written: number;
  unchanged: number;
  /** Rows that the day had and has no longer. */
  removed: number;
  /** Figures that a read before had found otherwise. */
  restated: number;
}

interface KnownDay {
  observed_at: Date;
  read_again_on: Day | null;
  summed: boolean;
}

const statements = new Map(
  streamNames.map((name) => {
    const declaration = declarationOf(name);
    return [name, { first: firstDayStatement(declaration), again: dayStatement(declaration) }];
  }),
);

/**
 * Stores a day of a stream in one transaction: its rows, what changed since an earlier read, the sums that hold it
 * already (`sumDays` brings it into them), when it is read again, and that the run is done with it. An older read than
 * the stored one changes nothing, nor does the same day twice.
 *
 * @throws RunDayLost when the run's day was claimed by somebody else.
 * @throws TidelineError `currency-changed` when the stream's figures are in another currency.
 */
export async function writeDay(sql: Sql, day: DayToWrite): Promise<DayCounts> {
  // By itself: a stream's first days would else wait for its row until one after the other is stored.
  await sql.begin(async (tx) => {
    await lockRunDay(tx, day);
    await noteStream(tx, day);
  });
  return sql.begin(async (tx) => {
    await lockRunDay(tx, day);
    await tx`select pg_advisory_xact_lock(hashtextextended(${`analytics ${day.shopId} ${day.stream} ${day.date}`}, 0))`;
    const known = await findDay(tx, day);
    const counts =
      known !== null && known.observed_at > day.observedAt ? nothingNew(day) : await store(tx, day, known);
    await keepUsedPages(tx, day, declarationOf(day.stream).table);
    await finishRunDay(tx, day, { ...counts, quarantined: day.quarantined ?? 0 });
    return counts;
  });
}

function nothingNew({ rows }: DayToWrite): DayCounts {
  return { fetched: rows.length, written: 0, unchanged: rows.length, removed: 0, restated: 0 };
}

async function store(tx: Transaction, day: DayToWrite, known: KnownDay | null): Promise<DayCounts> {
  const declaration = declarationOf(day.stream);
  const [[key] = [''], ...more] = declaration.keys;
  const rows = withoutRepeats(day.rows, (row) =>
    more.length === 0
      ? String(row[key] ?? null)
      : JSON.stringify(declaration.keys.map(([name]) => row[name] ?? null)),
  );
  if (declaration.describedIn?.broughtByStream) await describe(tx, day, declaration.describedIn, rows);
  const lists = columnArrays(rowColumns(declaration), rows);
  const { first, again } = statements.get(day.stream) ?? { first: '', again: '' };
  const [result] =
    known === null
      ? await bulk<WrittenDay>(tx, first, [day.shopId, day.date, ...lists])
      : await bulk<WrittenDay>(tx, again, [
          ...[day.shopId, day.stream, day.date, day.runId, day.observedAt],
          textArray(await summedAt(tx, day, known)),
          ...lists,
        ]);
  if (result === undefined) throw new Error('Writing a day answered nothing.');
  await noteDay(tx, day, { rows: rows.length, known, changed: result.written + result.removed > 0 });
  return { fetched: day.rows.length, unchanged: rows.length - result.written, ...result };
}

/** The boundaries whose sums hold the day already, and are to be kept right. */
async function summedAt(tx: Transaction, day: DayToWrite, { summed }: KnownDay): Promise<Day[]> {
  if (declarationOf(day.stream).toDate === null || !summed) return [];
  await lockSums(tx, day);
  return boundariesBehind(tx, day);
}

function withoutRepeats(rows: readonly DayRow[], keyOf: (row: DayRow) => string): DayRow[] {
  return [...new Map(rows.map((row) => [keyOf(row), row])).values()];
}

/**
 * Notes that the stream is granted, and what its days tell of it. Days are written side by side: the stream's own row is
 * left alone where it says so already.
 */
async function noteStream(tx: Transaction, day: DayToWrite): Promise<void> {
  const [stream] = await tx<{ currency: string | null }[]>`
    with known as (
      select currency from analytics_streams
      where shop_id = ${day.shopId} and stream = ${day.stream} and permission = 'granted'
        and checked_at > now() - interval '1 minute' and (currency is not null or ${day.currency}::text is null)
        and (latest_available_date >= ${day.latestAvailableDate}::text::date or ${day.latestAvailableDate}::text is null)
    ), noted as (
      insert into analytics_streams as known (shop_id, stream, permission, currency, latest_available_date)
      select ${day.shopId}, ${day.stream}, 'granted', ${day.currency}, ${day.latestAvailableDate}::text::date
      where not exists (select from known)
      on conflict (shop_id, stream) do update set permission = 'granted', checked_at = now(),
        currency = coalesce(known.currency, excluded.currency),
        latest_available_date = greatest(known.latest_available_date, excluded.latest_available_date)
      returning currency
    )
    select currency from known union all select currency from noted`;
  if (day.currency === null || stream?.currency === day.currency) return;
  throw new TidelineError({
    code: 'currency-changed',
    actor: 'user',
    status: 409,
    message: `TikTok tells figures in ${day.currency}; those that are stored are in ${stream?.currency}.`,
    action: "Sums of two currencies mean nothing: erase the shop's data and connect it again.",
  });
}

async function findDay(tx: Transaction, day: DayToWrite): Promise<KnownDay | null> {
  const [known] = await tx<KnownDay[]>`
    select observed_at, read_again_on::text as read_again_on, summed from analytics_days
    where shop_id = ${day.shopId} and stream = ${day.stream} and date = ${day.date} for update`;
  return known ?? null;
}

async function noteDay(
  tx: Transaction,
  day: DayToWrite,
  { rows, known, changed }: { rows: number; known: KnownDay | null; changed: boolean },
): Promise<void> {
  const before = known === null ? null : { readAgainOn: known.read_again_on };
  const again = readAgainOn(day.date, day.today, before, changed);
  await tx`
    insert into analytics_days as known (shop_id, stream, date, rows, reads, changes, observed_at, settled,
      read_again_on, source, run_id, summed)
    values (${day.shopId}, ${day.stream}, ${day.date}, ${rows}, 1, 0, ${day.observedAt}, ${again === null}, ${again},
      ${day.source ?? 'open_api'}, ${day.runId}, ${declarationOf(day.stream).toDate === null})
    on conflict (shop_id, stream, date) do update set rows = excluded.rows, reads = known.reads + 1,
      changes = known.changes + ${changed ? 1 : 0}, last_read_at = now(),
      changed_at = case when ${changed} then now() else known.changed_at end,
      observed_at = excluded.observed_at, settled = excluded.settled, read_again_on = excluded.read_again_on,
      source = excluded.source, run_id = excluded.run_id`;
}

/** Keeps what is known of the things themselves; what a page leaves out stays as it was told before. */
async function describe(
  tx: Transaction,
  day: DayToWrite,
  { table, key, columns }: Description,
  rows: readonly DayRow[],
): Promise<void> {
  const all = [[key, 'text'] as const, ...columns];
  const names = columns.map(([name]) => name);
  const kept = names.map((name) => `coalesce(excluded.${name}, known.${name})`);
  const statement = `
    insert into ${table} as known (shop_id, observed_at, ${key}, ${names.join(', ')})
    select $1, $2::timestamptz, ${key}, ${names.join(', ')} from ${unnestClause(all, 'incoming', 3)} order by ${key}
    on conflict (shop_id, ${key}) do update
    set observed_at = excluded.observed_at, ${names.map((name, index) => `${name} = ${kept[index]}`).join(', ')}
    where excluded.observed_at >= known.observed_at
      and (${names.map((name) => `known.${name}`).join(', ')}) is distinct from (${kept.join(', ')})`;
  const described = withoutRepeats(rows, (row) => String(row[key]));
  await bulk(tx, statement, [day.shopId, day.observedAt, ...columnArrays(all, described)]);
}
