import { setTimeout as sleep } from 'node:timers/promises';
import { compareConversions, formatConversions } from '../simulator/index.ts';
import { settledStatuses } from '../src/conversions/types.ts';
import { wakeDelivery } from '../src/conversions/wake-delivery.ts';
import { allPlatforms, createEventSender, purchases, untilSettled } from './support/conversions.ts';
import { printFigures } from './support/figures.ts';
import { type Rig, startRig } from './support/rig.ts';

const destinations = ['tiktok', 'meta', 'google_ads'] as const;
const eventsPerPost = 25;
const postEveryMs = 100;
const progressEveryMs = 30_000;
/** Far longer than the simulator is away for anybody at a time. */
const patienceMs = 5 * 60_000;
/**
 * What keeps to the platforms' quotas has none to keep here: some 5,000 requests, of which many only find out whom a
 * platform refuses, would otherwise wait for their turn, at Google's quota for 20 minutes.
 */
const requestsPerSecond = 200;

/** What may go wrong with any request, and how often; the simulator chooses by its seed. */
const passing = [
  ...['html', 'html_after', 'reset', 'lost_answer', 'reset_mid_body', 'truncated', 'truncated_json'],
  ...['malformed_json', 'bom', 'bad_gzip', 'status', 'throttle', 'partial'],
].map((kind) => ({ kind, probability: 0.025 }));
/** A lane waits half a minute for each of these. */
const hanging = ['hang', 'hang_after'].map((kind) => ({ kind, after: 10, times: 2 }));
const codes = [
  { route: 'tiktok_events', kind: 'partial', listed: true, count: 5, probability: 0.025 },
  ...[40100, 50000, 50002, 51000].map((code) => ({
    ...{ route: 'tiktok_events', kind: 'code', code, message: 'On purpose', probability: 0.02 },
  })),
  { route: 'meta_events', kind: 'code', code: 2, transient: true, http_status: 500, probability: 0.02 },
  { route: 'google_status', kind: 'status', http_status: 503, probability: 0.05 },
  { route: 'google_token', kind: 'status', http_status: 503, probability: 0.05 },
];
const routes = ['tiktok_events', 'meta_events', 'google_ingest'];
const ways = ['named', 'unnamed', 'listed', 'blind'];

/**
 * `npm run bench -- conversions-truth [events] [seed]`: events through platforms that fail in every way, judged by what
 * these have counted.
 */
export async function main(args: readonly string[] = []): Promise<number> {
  const events = Number(args[0] ?? 10_000);
  const seed = Number(args[1] ?? 1);
  const rig = await startRig({
    simulator: ['--orders-count', '0', '--seed', String(seed)],
    environment: allPlatforms,
    report: (line) => console.error(line),
  });
  try {
    await hastenPlatforms(rig);
    await arrangeFailures(rig, seed);
    const started = performance.now();
    await post(rig, events);
    const watch = createWatch(rig, started);
    const betweenLooks = async (): Promise<void> => {
      await watch();
      await endWaits(rig);
    };
    await untilSettled(rig, betweenLooks, 1_000);
    const seconds = (performance.now() - started) / 1_000;

    const { controlUrl } = rig.simulator.address;
    const compared = await compareConversions({ databaseUrl: rig.databaseUrl, controlUrl });
    for (const { destination, statuses } of compared.destinations)
      console.error(`${destination}: ${JSON.stringify(statuses)}`);
    const [row] = await rig.sql<{ requests: number; unanswered: number }[]>`
      select count(*) as requests, count(*) filter (where response_code is null) as unanswered
      from delivery_requests`;
    const zero = (name: string, found: readonly string[]) => ({
      ...{ name, value: String(found.length), goal: '0', met: found.length === 0 },
    });
    printFigures(`conversions-truth: ${events} events to each of three platforms, seed ${seed}`, [
      zero('reported delivered but not counted', compared.claimed),
      zero('counted but not reported', compared.unreported),
      zero('counted twice', compared.twice),
      zero('never settled', compared.unsettled),
      { name: 'counted', value: String(compared.counted) },
      { name: 'requests, and those without a whole answer', value: `${row?.requests}, ${row?.unanswered}` },
      { name: 'in all, with the waits between attempts over at once', value: `${seconds.toFixed(0)} s` },
    ]);
    for (const line of formatConversions(compared)) console.error(line);
    return compared.equal ? 0 : 1;
  } finally {
    await rig.stop();
  }
}

/** They answer at once, so that the failures are all there is to wait for. */
async function hastenPlatforms(rig: Rig): Promise<void> {
  for (const destination of destinations) {
    const poll = destination === 'google_ads' ? { result_poll_seconds: 1 } : {};
    const settings = { requests_per_second: requestsPerSecond, ...poll };
    await rig.api.patch(`/api/v1/destinations/${destination}`, { settings });
  }
}

async function arrangeFailures(rig: Rig, seed: number): Promise<void> {
  const faults = [
    ...codes,
    ...routes.flatMap((route) => [...hanging, ...passing].map((one) => ({ ...one, route }))),
  ];
  await control(rig, '/faults', { faults });
  for (const platform of destinations) {
    for (const [nth, way] of ways.entries())
      await control(rig, '/conversions/refusals', { platform, way, share: 0.002, seed: seed * 10 + nth });
  }
}

async function control(rig: Rig, path: string, body: unknown): Promise<void> {
  const response = await fetch(`${rig.simulator.address.controlUrl}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
}

/** Over some time, so that there are many requests; in the middle TikTok takes its token back for a while. */
async function post(rig: Rig, events: number): Promise<void> {
  const sender = createEventSender(rig, 2);
  const posts = Math.ceil(events / eventsPerPost);
  for (let nth = 0; nth < posts; nth += 1) {
    if (nth === Math.floor(posts / 3)) await control(rig, '/conversions/tokens/tiktok', { state: 'revoked' });
    if (nth === Math.floor((posts * 2) / 3)) {
      await control(rig, '/conversions/tokens/tiktok', { state: 'valid' });
      await rig.api.post('/api/v1/destinations/tiktok/resume', {});
    }
    await sender.send(purchases(`e${nth}`, Math.min(eventsPerPost, events - nth * eventsPerPost)));
    await sleep(postEveryMs);
  }
  await sender.close();
}

/** The waits of the retry schedule grow to hours; here they are over at once. */
async function endWaits(rig: Rig): Promise<void> {
  await rig.sql`
    update deliveries set next_attempt_at = now()
    where (status = 'RETRYING' or awaited_request is not null) and next_attempt_at > now()`;
  for (const destination of destinations) await wakeDelivery(rig.temporal, destination);
}

/** Tells now and then how far it is; throws when nothing has been settled for long. */
function createWatch(rig: Rig, started: number): () => Promise<void> {
  let [seen, seenAt, toldAt] = ['', performance.now(), performance.now()];
  return async () => {
    const now = performance.now();
    const left = await rig.sql<{ destination: string; left: number }[]>`
      select destination_id as destination, count(*) as left from deliveries
      where status not in ${rig.sql(settledStatuses)} group by 1 order by 1`;
    const found = left.map((one) => `${one.destination} ${one.left}`).join(', ');
    if (found !== seen) [seen, seenAt] = [found, now];
    if (now - seenAt > patienceMs)
      throw new Error(`Nothing was settled for ${patienceMs / 60_000} minutes; left are ${found}.`);
    if (now - toldAt < progressEveryMs) return;
    toldAt = now;
    console.error(`${Math.round((now - started) / 1_000)} s, still unsettled: ${found}`);
  };
}
