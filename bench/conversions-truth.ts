import { setTimeout as sleep } from 'node:timers/promises';
import { compareConversions, formatConversions } from '../simulator/index.ts';
import { wakeDelivery } from '../src/conversions/wake-delivery.ts';
import { allPlatforms, createEventSender, purchases, untilSettled } from './support/conversions.ts';
import { printFigures } from './support/figures.ts';
import { type Rig, startRig } from './support/rig.ts';

const destinations = ['tiktok', 'meta', 'google_ads'] as const;
const eventsPerPost = 25;
const postEveryMs = 100;
const patienceMs = 20 * 60_000;

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
    await rig.api.patch('/api/v1/destinations/google_ads', { settings: { result_poll_seconds: 1 } });
    await arrangeFailures(rig, seed);
    const started = performance.now();
    await post(rig, events);
    const deadline = Date.now() + patienceMs;
    await untilSettled(rig, () => hurry(rig, deadline), 1_000);
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
async function hurry(rig: Rig, deadline: number): Promise<void> {
  if (Date.now() > deadline) {
    const left = await rig.sql`select destination_id, status, count(*) from deliveries group by 1, 2`;
    throw new Error(`Not settled after ${patienceMs / 60_000} minutes: ${JSON.stringify(left)}`);
  }
  await rig.sql`
    update deliveries set next_attempt_at = now()
    where (status = 'RETRYING' or awaited_request is not null) and next_attempt_at > now()`;
  for (const destination of destinations) await wakeDelivery(rig.temporal, destination);
}
