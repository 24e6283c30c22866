import type { Day } from '../../analytics/calendar.ts';
import { declarationOf, type StreamName } from '../../analytics/streams.ts';
import { type ExactNumber, exactNumber } from '../../exact-number.ts';
import type { Sql } from '../pool.ts';
import type { ShopScope } from '../queries/shop-scope.ts';

type Element = Record<string, string | null>;
type ShownElement = Record<string, string | number | ExactNumber | null>;

/** What is kept beside the figures of one thing: its lists by name, as of a day. */
export type NewestDetail = { date: Day } & Record<string, Day | ShownElement[]>;

/** Of the elements of lists; all else is text. */
const numbers = ['count', 'items_sold', 'percentage'];

/** The lists that stand beside the figures of one thing on the newest day that was read; null where there is none. */
export async function readNewestDetail(
  scope: ShopScope,
  sql: Sql,
  stream: StreamName,
  { key, id, from, to }: { key: string; id: string; from: Day; to: Day },
): Promise<NewestDetail | null> {
  const { table, attributes } = declarationOf(stream);
  const names = attributes.map(([name]) => name);
  const [row] = await sql<({ date: Day } & Record<string, Element[] | null>)[]>`
    select date::text as date, ${sql.unsafe(names.join(', '))} from ${sql(table)} newest
    where shop_id = ${scope.shopId} and ${sql(key)} = ${id} and newest.date >= ${from} and newest.date < ${to}
    order by newest.date desc limit 1`;
  if (row === undefined) return null;
  const lists = names.map((name) => [name, (row[name] ?? []).map(show)]);
  return { date: row.date, ...Object.fromEntries(lists) };
}

function show(element: Element): ShownElement {
  const fields = Object.entries(element).map(([name, value]) => [
    name,
    value !== null && numbers.includes(name) ? exactNumber(value) : value,
  ]);
  return Object.fromEntries(fields);
}
