import { hash } from 'node:crypto';
import { type KeptPage, keepPage, readKeptPages } from '../../analytics/pages.ts';
import { type RunDay, type RunDayClaim, restartRunDay } from '../../analytics/run-days.ts';
import { isJsonObject } from '../../json-object.ts';
import { type Chain, type DayRows, UnreadableAnswer } from '../../sources/tiktok-shop/analytics/chain.ts';
import {
  type AnalyticsCall,
  type AnalyticsExchange,
  readAnswer,
  unreadable,
} from '../../sources/tiktok-shop/analytics/read-answer.ts';
import type { TikTokShopClient } from '../../sources/tiktok-shop/client.ts';
import { ApiError } from '../../sources/tiktok-shop/errors.ts';
import type { ActivityControl } from '../orders/dependencies.ts';
import type { AnalyticsDependencies } from './dependencies.ts';

/** Figures move and tokens die: answers that lie further apart than this are not of one list any more. */
const longestResumeMs = 60 * 60 * 1_000;

/** What a day's chain came to. */
export interface FollowedChain extends DayRows {
  /** Upstream's clock at the first answer; null where nothing had to be asked. */
  observedAt: Date | null;
}

/**
 * Follows a day's chain to its end. Each answer is kept before the next is asked for: an attempt that dies costs no
 * more than the call that was under way.
 *
 * @param kept what earlier attempts have kept of the day
 * @throws DayNotAvailable, RunDayLost, ApiError
 */
export async function followChain(
  { sql, client }: AnalyticsDependencies,
  control: ActivityControl,
  { shopId, ...claim }: RunDayClaim & { shopId: string },
  kept: readonly KeptPage[],
  chain: Chain,
): Promise<FollowedChain> {
  let observedAt: Date | null = null;
  let requestId: string | null = null;
  try {
    let step = chain.next();
    for (let pageNumber = 0; !step.done; pageNumber += 1) {
      control.signal.throwIfAborted();
      const known = kept[pageNumber];
      if (known !== undefined) {
        observedAt ??= known.observedAt;
        step = chain.next({ data: dataOf(known), pageId: known.pageId });
        continue;
      }
      const call = { shopId, runId: claim.runId, request: step.value, signal: control.signal };
      const { data, ...exchange } = await readOrBeRefused(client, call);
      requestId = exchange.requestId;
      observedAt ??= exchange.observedAt;
      const page = { ...claim, ...exchange, shopId, pageNumber, nextPageToken: null };
      const pageId = await keepPage(sql, { ...page, records: [JSON.stringify(data)] });
      step = chain.next({ data, pageId });
      control.heartbeat({ stream: claim.stream, date: claim.date, pages: pageNumber + 1 });
    }
    return { ...step.value, observedAt };
  } catch (error) {
    if (error instanceof UnreadableAnswer) throw unreadable(error.message, requestId);
    throw error;
  }
}

/** A refusal that says nothing of the day is kept as an empty answer, so that answers and requests stay in step. */
async function readOrBeRefused(client: TikTokShopClient, call: AnalyticsCall): Promise<AnalyticsExchange> {
  try {
    return await readAnswer(client, call);
  } catch (error) {
    const isRefusal = error instanceof ApiError && error.code === 'permission-missing';
    if (!isRefusal || call.request.mayBeRefused !== true) throw error;
    const { requestId } = error;
    return { data: {}, requestId, observedAt: new Date(), responseSha256: hash('sha256', '', 'buffer') };
  }
}

/** The answers that earlier attempts kept of a claimed day, unless they have grown old. */
export async function readFreshPages(
  { sql, clock }: AnalyticsDependencies,
  day: RunDay,
): Promise<readonly KeptPage[]> {
  if (day.pages === 0) return [];
  // Behind its cursor lie at most pages of a reading that was given up.
  const kept = (await readKeptPages(sql, day)).slice(0, day.pages);
  const oldest = kept[0]?.observedAt.getTime();
  if (oldest !== undefined && clock.upstreamNow() - oldest <= longestResumeMs) return kept;
  await restartRunDay(sql, day);
  return [];
}

/** A page of analytics holds one answer. */
function dataOf({ records: [data] }: KeptPage): Record<string, unknown> {
  if (!isJsonObject(data)) throw new Error('A kept page of analytics holds no answer.');
  return data;
}
