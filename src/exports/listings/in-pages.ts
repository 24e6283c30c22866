import type { ListRow } from '../columns.ts';

const pageSize = 500;

/**
 * The whole of a list that is read by pages, for lists that are short or seldom asked for.
 *
 * @param read the page behind a position, the first one for null
 */
export async function* inPages<Row extends ListRow, Position>(
  read: (after: Position | null, limit: number) => Promise<readonly Row[]>,
  positionOf: (row: Row) => Position,
): AsyncGenerator<readonly ListRow[], void> {
  let after: Position | null = null;
  while (true) {
    const rows: readonly Row[] = await read(after, pageSize);
    const last = rows.at(-1);
    if (last === undefined) return;
    yield rows;
    if (rows.length < pageSize) return;
    after = positionOf(last);
  }
}
