import type { ListRow } from '../columns.ts';

const pageSize = 500;

/**
 * The whole of a list that is read by pages, for lists that are short or seldom asked for.
 *
 * @param read the page behind a position, the first one for null
 * @param show a record as the list shows it
 */
export async function* inPages<Item, Position>(
  read: (after: Position | null, limit: number) => Promise<readonly Item[]>,
  positionOf: (item: Item) => Position,
  show: (item: Item) => ListRow,
): AsyncGenerator<readonly ListRow[], void> {
  let after: Position | null = null;
  while (true) {
    const items: readonly Item[] = await read(after, pageSize);
    const last = items.at(-1);
    if (last === undefined) return;
    yield items.map(show);
    if (items.length < pageSize) return;
    after = positionOf(last);
  }
}
