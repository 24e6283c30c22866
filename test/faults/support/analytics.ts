import { type AnalyticsComparison, compareAnalytics } from '../../../simulator/index.ts';
import type { BackfillDay, Run, StartedRun } from '../../../src/sync/types.ts';
import type { FaultRig } from './fault-rig.ts';
import type { Verdict } from './verdict.ts';

export type BackfillRun = Run & { days: BackfillDay[] };

/** The last days of shop-1 that the simulator calls ready, the oldest first. */
export function readyDays(rig: FaultRig, count: number): Promise<string[]> {
  return rig.sql<{ date: string }[]>`
    select (last - back)::text as date
    from (select (now() at time zone 'UTC' - interval '8 hours')::date - 1 as last) as known,
      generate_series(${count - 1}::integer, 0, -1) as back`.then((rows) => rows.map(({ date }) => date));
}

/** Reads days of analytics of shop-1; the run when it is over. */
export async function backfill(
  rig: FaultRig,
  { streams, days }: { streams: readonly string[]; days: readonly string[] },
): Promise<BackfillRun> {
  const { run_id: runId } = await rig.api.post<StartedRun>('/api/v1/shops/shop-1/backfills', {
    streams,
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
export async function analyticsDifferences(rig: FaultRig, compared: Compared): Promise<unknown[]> {
  const { missingDays, differences } = await compare(rig, compared);
  return [...missingDays, ...differences];
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
