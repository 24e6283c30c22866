import { bulk, textArray } from '../db/column-arrays.ts';
import type { Sql, Transaction } from '../db/pool.ts';
import { type Day, newYear } from './calendar.ts';
import { declarationOf, type StreamDeclaration, type StreamName } from './streams.ts';
import { addToSums, boundariesBehind, boundaryOf, lockSums, openBoundary, sumColumns } from './to-date.ts';

/** Days that are added to the sums at once: a second of work, and few enough to be read as they are until then. */
export const daysSummedAtOnce = 31;

/**
 * Adds the days that were written since to the sums since New Year, many at once: each sum is then touched once, not
 * once for every day before it. Until it is done, figures are read from the days themselves.
 *
 * @param atLeast with fewer days than these nothing is done: they wait for more.
 */
export async function sumDays(
  sql: Sql,
  { shopId, stream }: { shopId: string; stream: StreamName },
  atLeast = 1,
): Promise<void> {
  const declaration = declarationOf(stream);
  if (declaration.toDate === null) return;
  while ((await countUnsummed(sql, shopId, stream)) >= atLeast) {
    await sql.begin(async (tx) => {
      await lockSums(tx, { shopId, stream });
      const days = await tx<{ date: Day }[]>`
        select date::text as date from analytics_days
        where shop_id = ${shopId} and stream = ${stream} and not summed
        order by date limit ${daysSummedAtOnce} for update`;
      const dates = days.map(({ date }) => date);
      for (const year of new Set(dates.map(newYear))) {
        const ofYear = dates.filter((date) => newYear(date) === year);
        await sumDaysOfYear(tx, { shopId, stream, dates: ofYear }, declaration);
      }
      await tx`
        update analytics_days set summed = true
        where shop_id = ${shopId} and stream = ${stream} and date = any(${dates}::text[]::date[])`;
    });
  }
}

async function countUnsummed(sql: Sql, shopId: string, stream: StreamName): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    select count(*) as count from analytics_days where shop_id = ${shopId} and stream = ${stream} and not summed`;
  return row?.count ?? 0;
}

/** The days lie in one year, in their order. */
async function sumDaysOfYear(
  tx: Transaction,
  { shopId, stream, dates }: { shopId: string; stream: StreamName; dates: readonly Day[] },
  declaration: StreamDeclaration,
): Promise<void> {
  const parts = dates.map(boundaryOf);
  const [first] = dates;
  if (first === undefined) return;
  for (const part of new Set(parts)) await openBoundary(tx, { shopId, stream, until: part }, declaration);
  const boundaries = await boundariesBehind(tx, { shopId, stream, date: first });
  await bulk(tx, sumStatement(declaration), [
    shopId,
    textArray(dates),
    textArray(parts),
    textArray(boundaries),
  ]);
}

/**
 * Adds days ($2, with the end of their part of the month in $3) to the sums of the shop $1 at the boundaries $4, which
 * are all those of the year behind the first of the days.
 */
function sumStatement(declaration: StreamDeclaration): string {
  const keys = declaration.keys.map(([name]) => name);
  const sums = sumColumns(declaration);
  const columns = sums.map(({ column }) => column);
  return `
    with parts as materialized (
      select g.part as until, ${keys.map((key) => `d.${key}`).join(', ')},
        ${sums.map(({ column, ofDay }) => `sum(${ofDay}) as ${column}`).join(', ')}
      from unnest($2::text[]::date[], $3::text[]::date[]) as g (date, part), lateral (
        select * from ${declaration.table} t where t.shop_id = $1 and t.date = g.date offset 0) d
      group by ${['g.part', ...keys.map((key) => `d.${key}`)].join(', ')}),
    whole as (
      select until, ${keys.join(', ')}, ${columns.map((column) => `sum(${column}) over since as ${column}`).join(', ')}
      from (select distinct ${keys.join(', ')} from parts) every_key
        cross join unnest($4::text[]::date[]) as behind (until)
        left join parts using (until, ${keys.join(', ')})
      window since as (partition by ${keys.join(', ')} order by until))
    ${addToSums(
      declaration,
      `select ${['$1', 'until', ...keys, ...columns].join(', ')} from whole where days > 0`,
    )}`;
}
