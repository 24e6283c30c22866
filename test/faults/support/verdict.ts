import { compareAnalytics, formatAnalyticsComparison } from '../../../simulator/analytics-checker.ts';
import { compareWithSimulator, formatComparison } from '../../../simulator/checker.ts';
import type { JournalEntry } from '../../../simulator/control/journal.ts';
import type { Sql } from '../../../src/db/pool.ts';
import { findGaps } from '../../../src/sync/coverage.ts';

/** What the checkers say about all shops of a rig: their orders, and what is stored of their analytics. */
export interface Verdict {
  /** Orders that upstream has and the database lacks, or has in another version. */
  lost: number;
  /** Rows that upstream lacks: orders stored twice or made up, lines without an order, orders whose lines differ. */
  doubled: number;
  /** Pages of history that were answered more than once; null where the test does not count them. */
  refetched: number | null;
  /** In words, gaps of the ledger included; none when everything is equal. */
  differences: string[];
}

export interface JudgeOptions {
  sql: Sql;
  databaseUrl: string;
  controlUrl: string;
  /** Calls of history, where repeated ones are to be counted. */
  history?: readonly JournalEntry[] | undefined;
  /** The run is expected to have left gaps, such as one that was cancelled or that says it is incomplete. */
  withGaps?: boolean | undefined;
}

export async function judge(options: JudgeOptions): Promise<Verdict> {
  const { sql, databaseUrl, controlUrl, history } = options;
  const verdict: Verdict = { lost: 0, doubled: 0, refetched: null, differences: [] };
  const shops = await sql<{ shopId: string; tiktokShopId: string }[]>`
    select shop_id as "shopId", tiktok_shop_id as "tiktokShopId" from shops`;
  if (shops.length === 0) throw new Error('No shop is connected: there is nothing to judge.');
  for (const { shopId, tiktokShopId } of shops) {
    const compared = await compareWithSimulator({ databaseUrl, controlUrl, tiktokShopId });
    verdict.lost += compared.missingCount + compared.differingCount;
    verdict.doubled +=
      compared.unexpectedCount + compared.duplicated + compared.orphanLines + compared.lineDifferences;
    if (!compared.equal) verdict.differences.push(formatComparison(compared));
    const analytics = await compareAnalytics({ databaseUrl, controlUrl, tiktokShopId });
    if (!analytics.equal) verdict.differences.push(formatAnalyticsComparison(analytics));
    const { gaps } = await findGaps(sql, shopId, 'orders');
    if (gaps.length > 0 && !options.withGaps)
      verdict.differences.push(`${shopId}: ${gaps.length} gaps in the ledger`);
  }
  if (history !== undefined) verdict.refetched = countRepeats(history);
  return verdict;
}

/** The range of creation time that a call asked for; null for calls of another kind. */
export function sliceOf(entry: JournalEntry): string | null {
  const body = entry.params.body as Record<string, unknown> | undefined;
  if (entry.route !== 'order_search' || entry.code !== 0 || entry.params.page_size !== '100') return null;
  if (body?.create_time_ge === undefined) return null;
  return `${entry.shop_id} ${body.create_time_ge}-${body.create_time_lt}`;
}

/** Answers beyond the first to the same page of the same slice. */
export function countRepeats(entries: readonly JournalEntry[]): number {
  const seen = new Set<string>();
  let repeats = 0;
  for (const entry of entries) {
    const slice = sliceOf(entry);
    if (slice === null) continue;
    const page = `${slice} ${entry.params.page_token ?? ''}`;
    if (seen.has(page)) repeats += 1;
    seen.add(page);
  }
  return repeats;
}
