import type { Sql } from '../pool.ts';
import { unpackRawPage } from './raw-page-body.ts';

export interface RawPage {
  /** Upstream's clock when the page was answered. */
  observedAt: Date;
  /** What the page holds, in its order; null when the page cannot be read any more. */
  records: readonly unknown[] | null;
}

/** Pages as they were kept, by id; one that is not there is missing from the answer. */
export async function readRawPages(
  sql: Sql,
  shopId: string,
  pageIds: readonly number[],
): Promise<Map<number, RawPage>> {
  if (pageIds.length === 0) return new Map();
  const rows = await sql<{ page_id: number; observed_at: Date; encoding: string; body: Buffer }[]>`
    select page_id, observed_at, encoding, body from raw_pages where shop_id = ${shopId} and page_id = any(${[...pageIds]})`;
  const pages = await Promise.all(
    rows.map(async (row) => {
      const page: RawPage = { observedAt: row.observed_at, records: await unpack(row.encoding, row.body) };
      return [row.page_id, page] as const;
    }),
  );
  return new Map(pages);
}

async function unpack(encoding: string, body: Buffer): Promise<readonly unknown[] | null> {
  try {
    return await unpackRawPage(encoding, body);
  } catch {
    // Whatever is wrong with it, the page says nothing any more: its orders are asked for again.
    return null;
  }
}
