import { allPlatforms, purchases } from '../../../bench/support/conversions.ts';
import type { LedgerEntry } from '../../../simulator/conversions/ledger.ts';
import { ledgerOf } from '../../../simulator/conversions/testing.ts';
import { compareConversions, formatConversions } from '../../../simulator/index.ts';
import type { Trial } from './fault.ts';
import type { FaultRig } from './fault-rig.ts';
import type { Verdict } from './verdict.ts';

/** The routes that take events, of all three platforms. */
export const eventRoutes = ['tiktok_events', 'meta_events', 'google_ingest'] as const;

/** An installation that sends to all three platforms of its simulator. */
export async function startConversionRig(
  { rig: start, seed }: Trial,
  environment: NodeJS.ProcessEnv = {},
): Promise<FaultRig> {
  const rig = await start({ orders: 20, seed, environment: { ...allPlatforms, ...environment } });
  // Google's results are asked for every half minute; a test need not wait for that.
  await rig.patch('/api/v1/destinations/google_ads', { settings: { result_poll_seconds: 1 } });
  return rig;
}

interface Answer {
  accepted: { event_id: string }[];
  duplicates: string[];
}

/** Sends purchases to the API; the ids that it says it has. Null when it did not take the request. */
export async function offer(rig: FaultRig, prefix: string, count: number): Promise<string[] | null> {
  const response = await fetch(`${rig.apiUrl}/api/v1/conversions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${rig.apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ events: purchases(prefix, count) }),
  }).catch((error: unknown) => {
    // The connection broke: nothing was promised.
    if (error instanceof TypeError) return null;
    throw error;
  });
  if (response?.status !== 202) {
    await response?.body?.cancel();
    return null;
  }
  const { accepted, duplicates } = (await response.json()) as Answer;
  return [...accepted.map(({ event_id }) => event_id), ...duplicates];
}

/** As {@link offer}, where nothing is in the way. */
export async function accept(rig: FaultRig, prefix: string, count: number): Promise<string[]> {
  const ids = await offer(rig, prefix, count);
  if (ids?.length !== count) throw new Error(`${ids?.length ?? 'None'} of ${count} events were accepted.`);
  return ids;
}

export async function statuses(rig: FaultRig, destination: string): Promise<Record<string, number>> {
  const rows = await rig.sql<{ status: string; deliveries: number }[]>`
    select status, count(*) as deliveries from deliveries where destination_id = ${destination} group by status`;
  return Object.fromEntries(rows.map(({ status, deliveries }) => [status, deliveries]));
}

/** Waits until every delivery has come to an end. */
export async function settled(rig: FaultRig): Promise<void> {
  await rig.until(async () => {
    const [waiting] = await rig.sql`
      select 1 from deliveries where status in ('PENDING', 'SENDING', 'RETRYING') limit 1`;
    return waiting === undefined;
  }, 'every delivery is settled');
}

/** What TikTok has received and counted of each event. */
export async function countedByTikTok(rig: FaultRig): Promise<Map<string, LedgerEntry>> {
  const entries = await ledgerOf(rig.simulator.address, '?platform=tiktok');
  return new Map(entries.map((entry) => [entry.event_id, entry]));
}

/** Calls of a route that takes events, so far. */
export async function requestsTo(rig: FaultRig, route: (typeof eventRoutes)[number]): Promise<number> {
  return (await rig.journal()).filter((entry) => entry.route === route).length;
}

/**
 * Holds deliveries against what the platforms counted, and the events against those that the API acknowledged: each is
 * there, with a delivery for each destination that there was.
 */
export async function judgeConversions(
  rig: FaultRig,
  acknowledged: readonly string[],
  destinations = 3,
): Promise<Verdict> {
  const { controlUrl } = rig.simulator.address;
  const compared = await compareConversions({ databaseUrl: rig.databaseUrl, controlUrl });
  const stored = await rig.sql<{ id: string; deliveries: number }[]>`
    select event_id as id, (select count(*) from deliveries d where d.event_key = e.event_key) as deliveries
    from conversion_events e`;
  const whole = new Set(stored.filter((one) => one.deliveries === destinations).map(({ id }) => id));
  const missing = acknowledged.filter((id) => !whole.has(id));
  const differences = formatConversions(compared);
  if (compared.counted === 0)
    differences.push('The platforms have counted nothing: there is nothing to judge.');
  if (missing.length > 0)
    differences.push(`${missing.length} acknowledged and not stored for each destination: ${missing[0]}`);
  return {
    lost: missing.length + compared.claimed.length + compared.unsettled.length,
    doubled: compared.twice.length + compared.unreported.length,
    refetched: null,
    differences,
  };
}
