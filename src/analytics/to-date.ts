import type { Transaction } from '../db/pool.ts';
import { addDays, addYears, type Day, newYear } from './calendar.ts';
import { type StreamDeclaration, type StreamName, summedMetrics } from './streams.ts';

/**
 * Sums of a range, in the same time for any range: a few sums since New Year (`…_to_date`), taken to and fro, and the
 * few days between the range's ends and the boundaries that such sums reach. A sum is held for the end of each part of
 * a month that has figures. See `docs/decisions/`.
 */
const parts = [6, 11, 16, 21, 26];

/** The end (exclusive) of the part of the month that the day is in. */
export function boundaryOf(day: Day): Day {
  const month = day.slice(0, 8);
  const next = parts.find((part) => Number(day.slice(8)) < part);
  if (next !== undefined) return `${month}${String(next).padStart(2, '0')}`;
  return `${addDays(`${month}28`, 4).slice(0, 8)}01`;
}

/** Until the transaction ends, nobody else changes these sums. */
export async function lockSums(
  tx: Transaction,
  { shopId, stream }: { shopId: string; stream: StreamName },
): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtextextended(${`analytics ${shopId} ${stream}`}, 0))`;
}

/** The boundaries of the year whose sums hold the day, the nearest first. */
export async function boundariesBehind(
  tx: Transaction,
  { shopId, stream, date }: { shopId: string; stream: StreamName; date: Day },
): Promise<Day[]> {
  const rows = await tx<{ until: Day }[]>`
    select until::text as until from analytics_boundaries
    where shop_id = ${shopId} and stream = ${stream} and until > ${date} and until <= ${addYears(newYear(date), 1)}
    order by until`;
  return rows.map(({ until }) => until);
}

/** Makes a boundary with its sums, if there is none: they are those of the one before, for no day between has figures. */
export async function openBoundary(
  tx: Transaction,
  { shopId, stream, until }: { shopId: string; stream: StreamName; until: Day },
  declaration: StreamDeclaration,
): Promise<void> {
  const { count } = await tx`
    insert into analytics_boundaries (shop_id, stream, until) values (${shopId}, ${stream}, ${until})
    on conflict do nothing`;
  if (count === 0) return;
  const [before] = await tx<{ until: Day }[]>`
    select until::text as until from analytics_boundaries
    where shop_id = ${shopId} and stream = ${stream} and until > ${newYear(addDays(until, -1))} and until < ${until}
    order by until desc limit 1`;
  if (before === undefined) return;
  const table = tx(declaration.toDate ?? '');
  const names = [
    ...declaration.keys.map(([name]) => name),
    ...sumColumns(declaration).map(({ column }) => column),
  ];
  const columns = tx.unsafe(names.join(', '));
  await tx`
    insert into ${table} (shop_id, until, ${columns}) select shop_id, ${until}::date, ${columns} from ${table}
    where shop_id = ${shopId} and until = ${before.until}`;
}

/**
 * The columns of the sums, with what a row of a day brings to each, and what a changed row (its old figures named
 * `old_…`) adds. A figure that may be missing is counted, too.
 */
export function sumColumns(
  declaration: StreamDeclaration,
): { column: string; ofDay: string; change: string }[] {
  return [
    { column: 'days', ofDay: '1', change: 'days' },
    ...summedMetrics(declaration).flatMap(({ name, always }) => {
      const sum = {
        column: name,
        ofDay: `coalesce(d.${name}, 0)`,
        change: `coalesce(${name}, 0) - coalesce(old_${name}, 0)`,
      };
      if (always) return [sum];
      const given = {
        column: `${name}_days`,
        ofDay: `(d.${name} is not null)::int`,
        change: `(${name} is not null)::int - (old_${name} is not null)::int`,
      };
      return [sum, given];
    }),
  ];
}

/** Adds the rows of `difference` (new figures, `old_…` ones, `days`) to the sums at each of `boundaries`. */
export function addDifferenceToSums(declaration: StreamDeclaration): string {
  const keys = declaration.keys.map(([name]) => name);
  const changes = sumColumns(declaration).map(({ change }) => change);
  return addToSums(
    declaration,
    `select ${['$1', 'until', ...keys, ...changes].join(', ')} from difference, boundaries`,
  );
}

/** Adds what is selected (shop, boundary, keys, then {@link sumColumns}) to the sums that there are. */
export function addToSums(declaration: StreamDeclaration, selected: string): string {
  const { toDate } = declaration;
  const keys = declaration.keys.map(([name]) => name);
  const columns = sumColumns(declaration).map(({ column }) => column);
  return `
    insert into ${toDate} (${['shop_id', 'until', ...keys, ...columns].join(', ')})
    ${selected}
    order by ${['until', ...keys].join(', ')}
    on conflict (${['shop_id', 'until', ...keys].join(', ')}) do update
    set ${columns.map((column) => `${column} = ${toDate}.${column} + excluded.${column}`).join(', ')}`;
}
