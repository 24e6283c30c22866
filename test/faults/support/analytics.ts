import { type AnalyticsComparison, compareAnalytics } from '../../../simulator/index.ts';
import { addDays } from '../../../src/analytics/calendar.ts';
import { type StreamName, streamNames } from '../../../src/analytics/streams.ts';
import type { BackfillDay, Run, StartedRun } from '../../../src/sync/types.ts';
import type { FaultRig } from './fault-rig.ts';
import type { Verdict } from './verdict.ts';

export type BackfillRun = Run & { days: BackfillDay[] };

/** Every stream that there is: a test of these is one of streams that are yet to come, too. */
export const everyStream: readonly StreamName[] = streamNames;

/**
 * The last days of shop-1 that the simulator calls ready, the oldest first. Their figures do not settle any further, at
 * the shop's midnight or at any other hour.
 */
export async function readyDays(rig: FaultRig, count: number): Promise<string[]> {
  const path = `/shops/${await tiktokShopId(rig)}/analytics`;
  const { latest_available_date: last } = await rig.control<{ latest_available_date: string }>('POST', path, {
    settling: 'immediate',
  });
  return Array.from({ length: count }, (_, nth) => addDays(last, 1 + nth - count));
}

/** Grants shop-1 what few apps have: rankings of the market. */
export async function grantBestsellers(rig: FaultRig): Promise<void> {
  const { grants } = await rig.control<{ grants: { scopes: string[] }[] }>('GET', '/grants');
  const scopes = [...(grants[0]?.scopes ?? []), 'data.bestselling.public.read'];
  await rig.control('POST', '/grants/0/scopes', { scopes });
}

/** Reads days of analytics of shop-1, the minutes of LIVE sessions with their sessions; the run when it is over. */
export async function backfill(
  rig: FaultRig,
  { streams, days }: { streams: readonly string[]; days: readonly string[] },
): Promise<BackfillRun> {
  const { run_id: runId } = await rig.api.post<StartedRun>('/api/v1/shops/shop-1/backfills', {
    streams: streams.filter((stream) => stream !== 'live_minutes'),
    start_date: days[0],
    end_date: days.at(-1),
  });
  return (await rig.finished(runId)) as BackfillRun;
}

interface Compared {
  streams: readonly string[];
  days: readonly string[];
}

/** How what is stored of these days differs from the sums of the simulator's sales; none when equal to the cent. */
export async function analyticsDifferences(
  rig: FaultRig,
  compared: Compared,
): Promise<{ stream: string; date?: string }[]> {
  const { missingDays, differences } = await compare(rig, compared);
  return [
    ...missingDays.map((missing) => ({ stream: missing.split(' ')[0] ?? missing, missing })),
    ...differences,
  ];
}

/** The same as a verdict. */
export async function analyticsVerdict(rig: FaultRig, compared: Compared): Promise<Verdict> {
  const { missingDays, differences } = await compare(rig, compared);
  return {
    lost: missingDays.length + differences.filter(({ stored }) => stored === null).length,
    doubled: differences.filter(({ upstream }) => upstream === null).length,
    refetched: null,
    differences: [...missingDays, ...differences.map((difference) => JSON.stringify(difference))],
  };
}

async function compare(rig: FaultRig, { streams, days }: Compared): Promise<AnalyticsComparison> {
  return compareAnalytics({
    databaseUrl: rig.databaseUrl,
    controlUrl: rig.simulator.address.controlUrl,
    tiktokShopId: await tiktokShopId(rig),
    from: days[0] ?? '',
    to: days.at(-1) ?? '',
    streams,
  });
}

export async function tiktokShopId({ sql }: FaultRig): Promise<string> {
  const [shop] = await sql<{ id: string }[]>`select tiktok_shop_id as id from shops where shop_id = 'shop-1'`;
  return shop?.id ?? '';
}
