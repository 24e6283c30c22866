import type { Sql } from '../pool.ts';

/** Pages of no stored version are proof of what was read; after this they have proven enough. */
const daysToKeepIdlePages = 7;
/** Finished runs, their slices, and the single windows of the ledger: beyond this they are merged or gone. */
export const daysToKeepRuns = 90;

const pagesAtOnce = 500;
const runsAtOnce = 500;

/**
 * Lets go of what only grew: pages that no stored order and no record set aside points to (but those of the last full
 * run, which prove what it read), old finished runs with their slices, and the seams between old windows of the
 * ledger. What kept pages came from stays, and the last run of each mode; what the ledger covers stays covered. A few
 * pages and runs at a time, so that nobody waits for its locks.
 *
 * @returns how many pages and runs were deleted
 */
export async function pruneBookkeeping(sql: Sql): Promise<{ pages: number; runs: number }> {
  const pages = await prunePages(sql);
  const runs = await pruneRuns(sql);
  await mergeWindows(sql);
  return { pages, runs };
}

async function prunePages(sql: Sql): Promise<number> {
  let deleted = 0;
  let after = 0;
  while (true) {
    const seen = await sql.begin(async (tx) => {
      // Locked first and judged in a statement of its own: a rebuild may have begun to point to a page meanwhile.
      const candidates = await tx<{ page_id: number }[]>`
        select page_id from raw_pages
        where page_id > ${after} and stored_at < now() - make_interval(days => ${daysToKeepIdlePages})
          and not exists (select 1 from sync_runs r where r.run_id = raw_pages.run_id
            and r.status in ('queued', 'running', 'paused'))
          and not exists (select 1 from stream_states s where s.last_full_run_id = raw_pages.run_id)
        order by page_id limit ${pagesAtOnce} for update skip locked`;
      const ids = candidates.map((row) => row.page_id);
      const { count } = await tx`
        delete from raw_pages p
        where page_id = any(${ids})
          and not exists (select 1 from unnest(p.record_ids) as listed(id)
            join orders o on o.shop_id = p.shop_id and o.order_id = listed.id where o.page_id = p.page_id)
          and not exists (select 1 from unnest(p.record_ids) as listed(id)
            join quarantined_records q on q.shop_id = p.shop_id and q.stream = p.stream and q.record_id = listed.id
            where q.page_id = p.page_id)`;
      return { count, last: ids.at(-1) };
    });
    deleted += seen.count;
    if (seen.last === undefined) return deleted;
    after = seen.last;
  }
}

async function pruneRuns(sql: Sql): Promise<number> {
  let deleted = 0;
  while (true) {
    const { count } = await sql`
      delete from sync_runs where run_id in (
        select run_id from sync_runs r
        where finished_at < now() - make_interval(days => ${daysToKeepRuns})
          and not exists (select 1 from stream_states s where s.shop_id = r.shop_id and s.stream = r.stream
            and r.run_id in (s.last_run_id, s.last_full_run_id))
          and not exists (select 1 from sync_slices s join raw_pages p using (slice_id) where s.run_id = r.run_id)
        limit ${runsAtOnce})`;
    deleted += count;
    if (count < runsAtOnce) return deleted;
  }
}

/** Old windows that touch become one: the ledger would otherwise gain a row with every incremental sync for ever. */
async function mergeWindows(sql: Sql): Promise<void> {
  await sql`
    with old as (
      delete from coverage c
      where axis = 'update_time' and sealed_at < now() - make_interval(days => ${daysToKeepRuns})
      returning shop_id, stream, range, run_id, sealed_at
    )
    insert into coverage (shop_id, stream, axis, range, run_id, sealed_at)
    select shop_id, stream, 'update_time', unnest(range_agg(range)),
      (array_agg(run_id order by sealed_at desc))[1], max(sealed_at)
    from old group by shop_id, stream`;
}
