import { bulk, textArray } from '../db/column-arrays.ts';
import type { Sql } from '../db/pool.ts';
import type { Day } from './calendar.ts';
import { rowColumns } from './day-statement.ts';
import { declarationOf, type StreamName } from './streams.ts';
import type { DayRow } from './write-day.ts';

/**
 * The rows that a day has of some things already, each as it would be written again.
 *
 * @param things by the column of their id, the same in all: `[{ video_id: '7312345678901234567' }]`
 */
export async function readKnownRows(
  sql: Sql,
  { shopId, stream, date }: { shopId: string; stream: StreamName; date: Day },
  things: readonly Readonly<Record<string, string>>[],
): Promise<readonly DayRow[]> {
  const [key] = Object.keys(things[0] ?? {});
  if (key === undefined) return [];
  const declaration = declarationOf(stream);
  const columns = rowColumns(declaration).map(([name]) => `${name}::text`);
  const ids = things.map((thing) => thing[key] ?? '');
  const statement = `
    select ${columns.join(', ')} from ${declaration.table}
    where shop_id = $1 and date = $2::date and ${key} = any($3::text::text[])`;
  return bulk<DayRow>(sql, statement, [shopId, date, textArray(ids)]);
}
