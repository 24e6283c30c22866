import { hash } from 'node:crypto';
import { type KeptPage, keepPage, readKeptPages } from '../../analytics/pages.ts';
import { type RunDay, type RunDayClaim, restartRunDay } from '../../analytics/run-days.ts';
import { isJsonObject } from '../../json-object.ts';
import {
  type AnalyticsRequest,
  type Chain,
  type DayRows,
  UnreadableAnswer,
} from '../../sources/tiktok-shop/analytics/chain.ts';
import {
  type AnalyticsCall,
  type AnalyticsExchange,
  readAnswer,
  unreadable,
} from '../../sources/tiktok-shop/analytics/read-answer.ts';
import type { TikTokShopClient } from '../../sources/tiktok-shop/client.ts';
import type { RunError } from '../../sync/types.ts';
import { describeError } from '../failures.ts';
import type { ActivityControl } from '../orders/dependencies.ts';
import type { AnalyticsDependencies } from './dependencies.ts';
import { isKeptFromApp } from './refuse-stream.ts';

/** Figures move and tokens die: answers that lie further apart than this are not of one list any more. */
const longestResumeMs = 60 * 60 * 1_000;

/** Things refused one after the other, and none answered, after which the rest of a day is not asked for. */
const mostRefusals = 100;

/** TikTok refused every single thing that the day is made of: what they came to is not known, and is not nothing. */
export class DayRefused extends Error {
  readonly reason: RunError;

  constructor(reason: RunError) {
    super(reason.title);
    this.name = 'DayRefused';
    this.reason = reason;
  }
}

/** What a day's chain came to. */
export interface FollowedChain extends DayRows {
  /** Upstream's clock at the first answer; null where nothing had to be asked. */
  observedAt: Date | null;
  /** The things that TikTok said nothing of, by the column of their id. */
  refused: readonly Readonly<Record<string, string>>[];
}

/**
 * Follows a day's chain to its end. Each answer is kept before the next is asked for: an attempt that dies costs no
 * more than the call that was under way.
 *
 * @param kept what earlier attempts have kept of the day
 * @throws DayNotAvailable, DayRefused, RunDayLost, ApiError
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
  const refusals = new Refusals();
  try {
    let step = chain.next();
    for (let pageNumber = 0; !step.done; pageNumber += 1) {
      control.signal.throwIfAborted();
      const known = kept[pageNumber];
      if (known !== undefined) {
        observedAt ??= known.observedAt;
        const { data, refusal } = contentOf(known);
        refusals.note(step.value, refusal);
        step = chain.next({ data, pageId: known.pageId });
        continue;
      }
      const call = { shopId, runId: claim.runId, request: step.value, signal: control.signal };
      const { data, refusal, ...exchange } = await readOrBeRefused(client, call);
      requestId = exchange.requestId;
      observedAt ??= exchange.observedAt;
      const page = { ...claim, ...exchange, shopId, pageNumber, nextPageToken: null };
      const records = [data, ...(refusal === null ? [] : [refusal])].map((record) => JSON.stringify(record));
      const pageId = await keepPage(sql, { ...page, records });
      refusals.note(step.value, refusal);
      step = chain.next({ data, pageId });
      control.heartbeat({ stream: claim.stream, date: claim.date, pages: pageNumber + 1 });
    }
    refusals.judge();
    return { ...step.value, observedAt, refused: refusals.things };
  } catch (error) {
    if (error instanceof UnreadableAnswer) throw unreadable(error.message, requestId);
    throw error;
  }
}

/** What TikTok said to one request; refused, it said nothing. */
interface Answered {
  data: Record<string, unknown>;
  refusal: RunError | null;
}

/** A refusal of one thing is kept as an empty answer and its reason, so that answers and requests stay in step. */
async function readOrBeRefused(
  client: TikTokShopClient,
  call: AnalyticsCall,
): Promise<AnalyticsExchange & Answered> {
  try {
    return { ...(await readAnswer(client, call)), refusal: null };
  } catch (error) {
    if (call.request.mayBeRefused !== true || !isKeptFromApp(error)) throw error;
    const { requestId } = error;
    const refusal = describeError(error);
    return {
      ...{ data: {}, refusal, requestId, observedAt: new Date() },
      responseSha256: hash('sha256', '', 'buffer'),
    };
  }
}

/** Tells a day of which single things were refused from one of which everything was. */
class Refusals {
  readonly things: Readonly<Record<string, string>>[] = [];
  #answered = false;
  #reason: RunError | null = null;

  /** @throws DayRefused where enough were refused to expect no other answer */
  note({ mayBeRefused, parameters = {} }: AnalyticsRequest, refusal: RunError | null): void {
    if (mayBeRefused !== true) return;
    this.#reason ??= refusal;
    if (refusal === null) this.#answered = true;
    else this.things.push(parameters);
    if (this.things.length >= mostRefusals) this.judge();
  }

  /** @throws DayRefused */
  judge(): void {
    if (this.#reason !== null && !this.#answered) throw new DayRefused(this.#reason);
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

/** A page of analytics holds one answer, and behind it why it is empty where the request was refused. */
function contentOf({ records: [data, refusal = null] }: KeptPage): Answered {
  if (!isJsonObject(data)) throw new Error('A kept page of analytics holds no answer.');
  return { data, refusal: refusal as RunError | null };
}
