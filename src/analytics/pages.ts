import type { Sql, Transaction } from '../db/pool.ts';
import { packRawPage, rawPageEncoding, unpackRawPage } from '../db/queries/raw-page-body.ts';
import type { Day } from './calendar.ts';
import { heldBy, type RunDayClaim, RunDayLost } from './run-days.ts';
import type { StreamName } from './streams.ts';

export interface PageToKeep extends RunDayClaim {
  shopId: string;
  /** From 0. */
  pageNumber: number;
  /** Where the day goes on; null after its last page. */
  nextPageToken: string | null;
  requestId: string | null;
  observedAt: Date;
  responseSha256: Buffer;
  /** The page's records, each as its JSON was received. */
  records: readonly string[];
}

export interface KeptPage {
  pageId: number;
  pageNumber: number;
  observedAt: Date;
  records: unknown[];
}

/**
 * Keeps a page as it was read, and how far the day is, in one statement: one round to the database, and none to its
 * disk, for a page that is lost with the machine is lost together with the cursor behind it.
 *
 * @returns the page's id, which the rows made of it name.
 * @throws RunDayLost when the run's day was claimed by somebody else.
 */
export async function keepPage(sql: Sql, page: PageToKeep): Promise<number> {
  const body = await packRawPage(page.records);
  const [kept] = await sql<{ page_id: number }[]>`
    with held as (
      update analytics_run_days set pages = ${page.pageNumber + 1}, next_page_token = ${page.nextPageToken}
      ${heldBy(sql, page)}
      returning set_config('synchronous_commit', 'off', true)
    )
    insert into analytics_pages (shop_id, run_id, stream, date, page_number, tiktok_request_id, observed_at,
      response_sha256, encoding, body)
    select ${page.shopId}, ${page.runId}, ${page.stream}, ${page.date}::text::date, ${page.pageNumber}::integer,
      ${page.requestId}, ${page.observedAt}::timestamptz, ${page.responseSha256}::bytea, ${rawPageEncoding}, ${body}::bytea
    from held
    on conflict (run_id, stream, date, page_number) do update set tiktok_request_id = excluded.tiktok_request_id,
      observed_at = excluded.observed_at, response_sha256 = excluded.response_sha256,
      encoding = excluded.encoding, body = excluded.body, stored_at = now()
    returning page_id`;
  if (kept === undefined) throw new RunDayLost(page);
  return kept.page_id;
}

/** The pages of a day that a run has read, in their order. */
export async function readKeptPages(
  sql: Sql,
  { runId, stream, date }: { runId: string; stream: StreamName; date: Day },
): Promise<KeptPage[]> {
  const rows = await sql<
    { page_id: number; page_number: number; observed_at: Date; encoding: string; body: Buffer }[]
  >`
    select page_id, page_number, observed_at, encoding, body from analytics_pages
    where run_id = ${runId} and stream = ${stream} and date = ${date} order by page_number`;
  return Promise.all(
    rows.map(async (row) => ({
      pageId: row.page_id,
      pageNumber: row.page_number,
      observedAt: row.observed_at,
      records: await unpackRawPage(row.encoding, row.body),
    })),
  );
}

/** Drops the pages of a run's day that no stored row came from: they said what was known. */
export async function keepUsedPages(
  tx: Transaction,
  day: { shopId: string; runId: string; stream: StreamName; date: Day },
  table: string,
): Promise<void> {
  await tx`
    delete from analytics_pages where run_id = ${day.runId} and stream = ${day.stream} and date = ${day.date}
      and page_id not in (
        select page_id from ${tx(table)}
        where shop_id = ${day.shopId} and date = ${day.date} and page_id is not null)`;
}
