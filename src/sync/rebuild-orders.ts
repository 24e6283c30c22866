import type { Sql, Transaction } from '../db/pool.ts';
import { nextRawPages, type RebuiltPage, readRawPage, rebuildPage } from '../db/queries/rebuild-page.ts';
import { TidelineError } from '../errors.ts';

export interface Rebuild {
  shop_id: string;
  stream: 'orders';
  /** Whether it went on where an earlier one stopped. */
  resumed: boolean;
  /** Records in the kept pages, each version of an order counted. */
  records_expected: number;
  records: number;
  /** Orders whose newest kept version was compared with their rows. */
  rebuilt: number;
  /** Of them, those whose rows were wrong or missing. */
  changed: number;
  /** Records that were set aside and could be read now. */
  released: number;
  /** Records that are set aside after it. */
  still_quarantined: number;
  /** Orders whose page is not kept: their rows stay as they are. */
  not_rebuilt: number;
  unreadable_pages: number;
  started_at: string;
  finished_at: string | null;
}

interface Progress {
  donePageId: number;
  lastPageId: number;
}

export interface RebuildOptions {
  shopId: string;
  /** Begins anew even when an earlier rebuild stopped in its middle. */
  restart: boolean;
  /** Stops between two pages; the next rebuild goes on there. */
  signal: AbortSignal;
  onProgress(records: number, expected: number): void;
}

const pagesAtOnce = 8;

/**
 * Rebuilds the typed rows of a shop's orders from the pages that were kept, without a call to TikTok, while syncs go
 * on. Each page is a transaction together with the cursor.
 *
 * @throws TidelineError when another rebuild of the shop is going on
 */
export async function rebuildOrders(sql: Sql, options: RebuildOptions): Promise<Rebuild> {
  const { shopId } = options;
  const session = await sql.reserve();
  try {
    const [lock] = await session<{ taken: boolean }[]>`
      select pg_try_advisory_lock(hashtextextended(${`rebuild ${shopId} orders`}, 0)) as taken`;
    if (lock?.taken !== true) {
      throw new TidelineError({
        code: 'rebuild-going-on',
        message: `The orders of ${shopId} are being rebuilt already.`,
        actor: 'user',
        action: 'Wait until that is done.',
      });
    }
    try {
      const { resumed, ...progress } = await begin(sql, shopId, options.restart);
      await walk(sql, options, progress);
      return { ...(await readRebuild(sql, shopId)), resumed };
    } finally {
      await session`select pg_advisory_unlock(hashtextextended(${`rebuild ${shopId} orders`}, 0))`;
    }
  } finally {
    session.release();
  }
}

async function begin(sql: Sql, shopId: string, restart: boolean): Promise<Progress & { resumed: boolean }> {
  const [open] = await sql<Progress[]>`
    select done_page_id as "donePageId", last_page_id as "lastPageId" from rebuilds
    where shop_id = ${shopId} and stream = 'orders' and finished_at is null`;
  if (open !== undefined && !restart) return { ...open, resumed: true };
  const [begun] = await sql<Progress[]>`
    insert into rebuilds (shop_id, stream, last_page_id, records_expected)
    select ${shopId}, 'orders', coalesce(max(page_id), 0), coalesce(sum(cardinality(record_ids)), 0)
    from raw_pages where shop_id = ${shopId} and stream = 'orders'
    on conflict (shop_id, stream) do update set done_page_id = 0, last_page_id = excluded.last_page_id,
      records_expected = excluded.records_expected, records = 0, rebuilt = 0, changed = 0, released = 0,
      unreadable_pages = 0, started_at = now(), finished_at = null
    returning done_page_id as "donePageId", last_page_id as "lastPageId"`;
  if (begun === undefined) throw new Error('The rebuild could not be begun.');
  return { ...begun, resumed: false };
}

async function walk(sql: Sql, options: RebuildOptions, progress: Progress): Promise<void> {
  const { shopId, signal } = options;
  const last = progress.lastPageId;
  let after = progress.donePageId;
  chunks: while (true) {
    const pages = await nextRawPages(sql, { shopId, after, last, limit: pagesAtOnce });
    for (const page of pages) {
      signal.throwIfAborted();
      const kept = await readRawPage(page);
      const advance = (tx: Sql | Transaction, rebuilt: RebuiltPage): Promise<void> =>
        advanceRebuild(tx, shopId, { ...rebuilt, page, isReadable: kept !== null }, options);
      if (kept === null) await advance(sql, { rebuilt: 0, changed: 0, released: 0 });
      // A page that was changed or collected meanwhile is asked for again.
      else if (!(await rebuildPage(sql, shopId, page, kept, advance))) continue chunks;
      after = page.pageId;
    }
    if (pages.length < pagesAtOnce) break;
  }
  await sql`update rebuilds set finished_at = now() where shop_id = ${shopId} and stream = 'orders'`;
}

async function advanceRebuild(
  tx: Sql | Transaction,
  shopId: string,
  done: RebuiltPage & { page: { pageId: number; records: number }; isReadable: boolean },
  { onProgress }: RebuildOptions,
): Promise<void> {
  const [row] = await tx<{ records: number; expected: number }[]>`
    update rebuilds set done_page_id = ${done.page.pageId}, records = records + ${done.page.records},
      rebuilt = rebuilt + ${done.rebuilt}, changed = changed + ${done.changed}, released = released + ${done.released},
      unreadable_pages = unreadable_pages + ${done.isReadable ? 0 : 1}
    where shop_id = ${shopId} and stream = 'orders' returning records, records_expected as expected`;
  if (row !== undefined) onProgress(row.records, row.expected);
}

async function readRebuild(sql: Sql, shopId: string): Promise<Omit<Rebuild, 'resumed'>> {
  const [row] = await sql<
    (Omit<Rebuild, 'resumed' | 'started_at' | 'finished_at'> & { started: Date; finished: Date })[]
  >`
    select shop_id, stream, records_expected, records, rebuilt, changed, released, unreadable_pages,
      (select count(*) from quarantined_records q where q.shop_id = r.shop_id and q.stream = r.stream)
        as still_quarantined,
      (select count(*) from orders o where o.shop_id = r.shop_id and not exists (
        select 1 from raw_pages p where p.page_id = o.page_id and p.shop_id = o.shop_id)) as not_rebuilt,
      started_at as started, finished_at as finished
    from rebuilds r where shop_id = ${shopId} and stream = 'orders'`;
  if (row === undefined) throw new Error(`There is no rebuild of ${shopId}.`);
  const { started, finished, ...rest } = row;
  return { ...rest, started_at: started.toISOString(), finished_at: finished.toISOString() };
}
