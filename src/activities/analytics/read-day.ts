import { addDays, daysBetween } from '../../analytics/calendar.ts';
import { readKnownRows } from '../../analytics/known-rows.ts';
import {
  claimRunDay,
  type RunDay,
  type RunDayKey,
  type RunDayStatus,
  settleRunDay,
} from '../../analytics/run-days.ts';
import { noteAside } from '../../analytics/set-aside.ts';
import { shopDayBounds, shopToday } from '../../analytics/shop-calendar.ts';
import { daysSummedAtOnce, sumDays } from '../../analytics/sum-days.ts';
import { writeDay } from '../../analytics/write-day.ts';
import { loadRun } from '../../db/queries/runs.ts';
import { TidelineError } from '../../errors.ts';
import { endsSellerCenterRun } from '../../sources/seller-center/classify.ts';
import { type Chain, DayNotAvailable } from '../../sources/tiktok-shop/analytics/chain.ts';
import { openApiStreams } from '../../sources/tiktok-shop/analytics/index.ts';
import { ApiError } from '../../sources/tiktok-shop/errors.ts';
import { DriftNotes } from '../../sources/tiktok-shop/streams/drift.ts';
import type { RunError } from '../../sync/types.ts';
import { describeError } from '../failures.ts';
import type { ActivityControl } from '../orders/dependencies.ts';
import type { BackfillDependencies } from './dependencies.ts';
import { DayRefused, followChain, readFreshPages } from './follow-chain.ts';
import { readProductDay } from './read-product-day.ts';
import { isKeptFromApp, refuseDay, refuseWholeStream } from './refuse-stream.ts';

export interface ReadDayResult {
  outcome: RunDayStatus | 'gone';
}

/** Attempts after which an answer that cannot be read counts as the day's failure. */
const mostUnreadableAttempts = 5;

/**
 * Reads one day of one stream and stores it, from the Open API resuming at the page. What waiting cannot mend ends the
 * day with its reason, not the run: the other days go on.
 */
export async function readDay(
  dependencies: BackfillDependencies,
  control: ActivityControl,
  key: RunDayKey,
): Promise<ReadDayResult> {
  const { sql } = dependencies;
  const day = await claimRunDay(sql, key);
  if (day === null) return { outcome: 'gone' };
  const { shopId, source } = await loadRun(sql, key.runId);
  try {
    if (source === 'open_api') return { outcome: await readAndStore(dependencies, control, shopId, day) };
    const { restated } = await readProductDay(dependencies, { shopId, day, source, signal: control.signal });
    return { outcome: restated > 0 ? 'restated' : 'done' };
  } catch (error) {
    if (error instanceof DayNotAvailable) {
      await settleRunDay(sql, day, { status: 'not_available', error: notAvailable(error.message) });
      return { outcome: 'not_available' };
    }
    if (error instanceof DayRefused) {
      await refuseDay(sql, { ...day, shopId }, error.reason);
      return { outcome: 'not_permitted' };
    }
    if (isKeptFromApp(error)) {
      await refuseWholeStream(sql, { ...day, shopId }, describeError(error));
      return { outcome: 'not_permitted' };
    }
    if (!isOfTheDay(error, day)) throw error;
    await settleRunDay(sql, day, { status: 'failed', error: describeError(error) });
    // No other day of the run would do better, and asking for it is what the owner must not have on his account.
    if (endsSellerCenterRun(error)) throw error;
    return { outcome: 'failed' };
  }
}

async function readAndStore(
  dependencies: BackfillDependencies,
  control: ActivityControl,
  shopId: string,
  day: RunDay,
): Promise<'done' | 'restated'> {
  const { sql, clock, drift } = dependencies;
  const { stream, date } = day;
  const now = clock.upstreamNow();
  const today = await shopToday(sql, shopId, now);
  const notes = new DriftNotes();
  const chain: Chain = openApiStreams[stream]({
    date,
    nextDate: addDays(date, 1),
    ...(await shopDayBounds(sql, shopId, date, date)),
    age: daysBetween(date, today),
    notes,
  });
  const kept = await readFreshPages(dependencies, day);
  const { aside, observedAt, rows, refused, ...read } = await followChain(
    dependencies,
    control,
    { ...day, shopId },
    kept,
    chain,
  );
  drift.note(shopId, 'analytics', notes.findings());
  await noteAside(sql, { ...day, shopId }, { aside, observedAt: observedAt ?? new Date(now) });
  // What was told of a thing stays true when TikTok says nothing of it any more, such as of a deleted video.
  const known = await readKnownRows(sql, { shopId, stream, date }, refused);
  const counts = await writeDay(sql, {
    ...read,
    rows: [...known, ...rows],
    ...{ shopId, stream, date, today },
    runId: day.runId,
    attempt: day.attempt,
    observedAt: observedAt ?? new Date(now),
    quarantined: aside.length,
  });
  await sumDays(sql, { shopId, stream }, daysSummedAtOnce);
  return counts.restated > 0 ? 'restated' : 'done';
}

/** Whether an error is the day's own: neither the grant's, nor one that another try or the operator mends. */
function isOfTheDay(error: unknown, { attempt }: RunDay): boolean {
  if (error instanceof ApiError) {
    if (error.kind === 'invalid-request') return true;
    return error.kind === 'invalid-response' && attempt >= mostUnreadableAttempts;
  }
  return error instanceof TidelineError && error.actor === 'user';
}

function notAvailable(title: string): RunError {
  return { code: 'not-available', title, action: null, request_id: null };
}
