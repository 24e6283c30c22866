import { addDays, type Day, daysBetween } from '../../analytics/calendar.ts';
import { planRunDays, type RunDayKey } from '../../analytics/run-days.ts';
import { shopToday } from '../../analytics/shop-calendar.ts';
import { daysToReadAgain, dueDays } from '../../analytics/stream-states.ts';
import { isOnRequest, type StreamName, streamNames } from '../../analytics/streams.ts';
import type { Sql } from '../../db/pool.ts';
import { loadRun, type RunRecord } from '../../db/queries/runs.ts';
import { readLatestDate } from '../../sources/tiktok-shop/analytics/chain.ts';
import { analyticsEndpoints } from '../../sources/tiktok-shop/analytics/endpoints.ts';
import { readAnswer } from '../../sources/tiktok-shop/analytics/read-answer.ts';
import { ApiError } from '../../sources/tiktok-shop/errors.ts';
import type { ActivityControl } from '../orders/dependencies.ts';
import type { AnalyticsDependencies } from './dependencies.ts';
import { isKeptFromApp } from './refuse-stream.ts';

/** Days that a full run reads. */
const usualDays = 30;
/** A day is read again up to this long after it ended; see `settling.ts`. */
const longestSettling = 31;

type Unit = Omit<RunDayKey, 'runId'>;

/**
 * Writes down the days that a run reads, once for each run. Days after the last one that TikTok calls ready are not
 * asked for: those that somebody asked for by name say so, the others wait for a later run.
 */
export async function planBackfill(
  dependencies: AnalyticsDependencies,
  control: ActivityControl,
  runId: string,
): Promise<void> {
  const { sql, clock } = dependencies;
  const run = await loadRun(sql, runId);
  if (run.bound !== null) return;
  const today = await shopToday(sql, run.shopId, clock.upstreamNow());
  const latest = (await readLatest(dependencies, control, run, today)) ?? addDays(today, -1);
  const units = await unitsOf(sql, run, { today, latest });
  await sql.begin(async (tx) => {
    const [unplanned] = await tx`
      select 1 from sync_runs where run_id = ${runId} and bound_at is null and status = 'running' for update`;
    if (unplanned === undefined) return;
    await tx`update sync_runs set bound_at = now() where run_id = ${runId}`;
    await planRunDays(tx, runId, units);
    const error = {
      code: 'not-available',
      title: `TikTok has figures up to ${latest}.`,
      action: 'Ask again later; the daily run reads the day as soon as it is ready.',
      request_id: null,
    };
    await tx`
      update analytics_run_days set status = 'not_available', error = ${tx.json(error)}, finished_at = now()
      where run_id = ${runId} and date > ${latest}::text::date`;
  });
}

/** Asked of a day that is long over, so that nothing is fetched of a day that is not ready. */
async function readLatest(
  { client }: AnalyticsDependencies,
  { signal }: ActivityControl,
  { shopId, runId, source }: RunRecord,
  today: Day,
): Promise<Day | null> {
  if (source !== 'open_api') return null;
  const date = addDays(today, -usualDays);
  const query = { ...analyticsEndpoints.shop.query, start_date_ge: date, end_date_lt: addDays(date, 1) };
  try {
    const request = { endpoint: analyticsEndpoints.shop, query };
    return readLatestDate((await readAnswer(client, { shopId, runId, request, signal })).data);
  } catch (error) {
    // Whether a stream may be read, and what is wrong with it, its own days say.
    const isRefused = error instanceof ApiError && error.kind === 'invalid-request';
    if (!isRefused && !isKeptFromApp(error)) throw error;
    return null;
  }
}

async function unitsOf(
  sql: Sql,
  run: RunRecord,
  { today, latest }: { today: Day; latest: Day },
): Promise<Unit[]> {
  const asked = streamsOf(run);
  if (run.dateFrom !== null && run.dateTo !== null) return unitsBetween(asked, run.dateFrom, run.dateTo);
  const first = addDays(latest, 1 - usualDays);
  if (run.mode === 'full') return unitsBetween(asked, first, latest);
  const { shopId } = run;
  const due = asked.map(async (stream) => {
    const days = await daysDue(sql, { shopId, stream }, { today, latest, first });
    return days.map((date) => ({ stream, date }));
  });
  return (await Promise.all(due)).flat();
}

async function daysDue(
  sql: Sql,
  of: { shopId: string; stream: StreamName },
  { today, latest, first }: { today: Day; latest: Day; first: Day },
): Promise<Day[]> {
  if (isOnRequest(of.stream)) return daysToReadAgain(sql, of, { to: latest, today });
  const from = await firstToLookAt(sql, of.shopId, of.stream, { today, first });
  return from > latest ? [] : dueDays(sql, of, { from, to: latest, today });
}

/**
 * Where a daily run begins to look: where days may still be due, but not before the first that was ever read; after a
 * long rest the day after the last that was read, so that none is left out.
 */
async function firstToLookAt(
  sql: Sql,
  shopId: string,
  stream: StreamName,
  { today, first }: { today: Day; first: Day },
): Promise<Day> {
  const settling = addDays(today, -longestSettling);
  const [known] = await sql<{ first: Day | null; next: Day | null }[]>`
    select min(date)::text as first, (max(date) + 1)::text as next from analytics_days
    where shop_id = ${shopId} and stream = ${stream}`;
  if (known?.first == null || known.next === null) return first;
  const usual = known.first > settling ? known.first : settling;
  return known.next < usual ? known.next : usual;
}

function unitsBetween(streams: readonly StreamName[], first: Day, last: Day): Unit[] {
  const days = Array.from({ length: daysBetween(first, addDays(last, 1)) }, (_, day) => addDays(first, day));
  return days.flatMap((date) => streams.map((stream) => ({ stream, date })));
}

/**
 * The streams that a run is of. Whoever asks for LIVE sessions gets their minutes too. What is read on request only is
 * kept right by the daily runs for as long as its days have not settled.
 */
function streamsOf({ streams: asked, mode }: RunRecord): StreamName[] {
  if (asked === null)
    return mode === 'incremental' ? streamNames : streamNames.filter((name) => !isOnRequest(name));
  return streamNames.filter(
    (name) => asked.includes(name) || (name === 'live_minutes' && asked.includes('lives')),
  );
}
