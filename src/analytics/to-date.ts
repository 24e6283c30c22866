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

/**
 * The boundaries of the year whose sums hold the day, the nearest first; the one at the end of its part of the month
 * is made if need be. None where the stream keeps no such sums.
 */
export async function openBoundaries(
  tx: Transaction,
  { shopId, stream, date }: { shopId: string; stream: StreamName; date: Day },
  declaration: StreamDeclaration,
): Promise<Day[]> {
  if (declaration.toDate === null) return [];
  const own = boundaryOf(date);
  const start = newYear(date);
  const rows = await tx<{ until: Day }[]>`
    select until::text as until from analytics_boundaries
    where shop_id = ${shopId} and stream = ${stream} and until > ${start} and until <= ${addYears(start, 1)}
    order by until`;
  const known = rows.map(({ until }) => until);
  if (!known.includes(own)) {
    await tx`insert into analytics_boundaries (shop_id, stream, until) values (${shopId}, ${stream}, ${own})`;
    const before = known.filter((until) => until < own).at(-1);
    // No day from there to here has figures: the sums are the same.
    if (before !== undefined) {
      const table = tx(declaration.toDate);
      const names = [
        ...declaration.keys.map(([name]) => name),
        ...sumsOf(declaration).map(({ column }) => column),
      ];
      const columns = tx.unsafe(names.join(', '));
      await tx`
        insert into ${table} (shop_id, until, ${columns}) select shop_id, ${own}::date, ${columns} from ${table}
        where shop_id = ${shopId} and until = ${before}`;
    }
  }
  return [own, ...known.filter((until) => until > own)];
}

/** The columns of the sums, and what a changed row adds to each. A figure that may be missing is counted, too. */
function sumsOf(declaration: StreamDeclaration): { column: string; change: string }[] {
  return [
    { column: 'days', change: 'days' },
    ...summedMetrics(declaration).flatMap(({ name, always }) => {
      const sum = { column: name, change: `coalesce(${name}, 0) - coalesce(old_${name}, 0)` };
      if (always) return [sum];
      const given = `(${name} is not null)::int - (old_${name} is not null)::int`;
      return [sum, { column: `${name}_days`, change: given }];
    }),
  ];
}

/** Adds the rows of `difference` (new figures, `old_…` ones, `days`) to the sums at each of `boundaries`. */
export function addToSums(declaration: StreamDeclaration, toDate: string): string {
  const keys = declaration.keys.map(([name]) => name);
  const sums = sumsOf(declaration);
  const columns = sums.map(({ column }) => column);
  return `
    insert into ${toDate} (${['shop_id', 'until', ...keys, ...columns].join(', ')})
    select ${['$1', 'until', ...keys, ...sums.map(({ change }) => change)].join(', ')}
    from difference, boundaries
    order by ${['until', ...keys].join(', ')}
    on conflict (${['shop_id', 'until', ...keys].join(', ')}) do update
    set ${columns.map((column) => `${column} = ${toDate}.${column} + excluded.${column}`).join(', ')}`;
}
