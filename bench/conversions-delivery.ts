import {
  createEventSender,
  forgetEvents,
  inLanes,
  purchase,
  requireTruth,
  tiktokAlone,
  untilSettled,
} from './support/conversions.ts';
import { type Figure, printFigures } from './support/figures.ts';
import { runOpenLoop } from './support/open-loop.ts';
import { withProcessorTime } from './support/processor-time.ts';
import { type Rig, residentMemory, startRig } from './support/rig.ts';
import { historySize } from './support/workflow-history.ts';

const destination = '/api/v1/destinations/tiktok';
const workflowId = 'conversionDelivery/tiktok';
const livePerSecond = 50;
const mostPerRequest = 1_000;

interface Drain {
  seconds: number;
  memory: number;
  requests: number;
  historyEvents: number;
}

/** `npm run bench -- conversions-delivery [events] [seconds of live events]` */
export async function main(args: readonly string[] = []): Promise<number> {
  const events = Number(args[0] ?? 100_000);
  const seconds = Number(args[1] ?? 30);
  const rig = await startRig({
    simulator: ['--orders-count', '0'],
    environment: tiktokAlone,
    report: (line) => console.error(line),
  });
  try {
    const parts = {
      worker: rig.pidOf('worker'),
      postgres: rig.pidOf('postgres'),
      temporal: rig.pidOf('temporal'),
      simulator: rig.pidOf('simulator'),
    };
    await sendLive(rig, 'warm', 5);
    await untilSettled(rig, () => undefined, 100);

    await forgetEvents(rig);
    await pileUp(rig, 'waiting', events);
    const { result: drained, spent } = await withProcessorTime(parts, () => drain(rig));
    await requireCounted(rig, events);
    console.error(`drained ${events} in ${drained.seconds.toFixed(1)} s, all counted once (${spent})`);

    await forgetEvents(rig);
    await sendLive(rig, 'live', seconds);
    await untilSettled(rig, () => undefined, 100);
    await requireCounted(rig, livePerSecond * seconds);
    const calm = await settledWithin(rig, 'live');

    await forgetEvents(rig);
    await pileUp(rig, 'backlog', events);
    const [, together] = await Promise.all([sendLive(rig, 'live', seconds), drain(rig)]);
    await untilSettled(rig, () => undefined, 100);
    await requireCounted(rig, events + livePerSecond * seconds);
    const beside = await settledWithin(rig, 'live', 'backlog');

    printFigures(
      `conversions-delivery: ${events} events, ${livePerSecond} live events/s for ${seconds} s`,
      figuresOf(events, drained, together, { calm, beside }),
    );
    return 0;
  } finally {
    await rig.stop();
  }
}

/** Accepts events that wait, for their destination is paused. */
async function pileUp(rig: Rig, prefix: string, events: number): Promise<void> {
  await rig.api.post(`${destination}/pause`, {});
  const sender = createEventSender(rig, 4);
  await inLanes(Math.ceil(events / mostPerRequest), 4, (nth) => {
    const first = nth * mostPerRequest;
    const count = Math.min(mostPerRequest, events - first);
    return sender.send(Array.from({ length: count }, (_, index) => purchase(`${prefix}-${first + index}`)));
  });
  await sender.close();
  // What autovacuum does within its minute after a load, so that the minute need not be waited for.
  await rig.sql`vacuum (analyze) conversion_events, deliveries`;
}

/** Lets the destination go on, until everything is settled. */
async function drain(rig: Rig): Promise<Drain> {
  const pid = rig.pidOf('worker');
  const before = await historySize(rig.temporal, workflowId);
  const started = performance.now();
  let memory = 0;
  await rig.api.post(`${destination}/resume`, {});
  const watchMemory = (): void => {
    memory = Math.max(memory, residentMemory(pid));
  };
  await untilSettled(rig, watchMemory, 100);
  const seconds = (performance.now() - started) / 1_000;
  const after = await historySize(rig.temporal, workflowId);
  const [row] = await rig.sql<{ requests: number }[]>`select count(*) as requests from delivery_requests`;
  // A workflow that went on anew meanwhile begins to count at one.
  const historyEvents = after.events < before.events ? after.events : after.events - before.events;
  return { seconds, memory, requests: row?.requests ?? 0, historyEvents };
}

async function sendLive(rig: Rig, prefix: string, seconds: number): Promise<void> {
  const sender = createEventSender(rig, 20);
  await runOpenLoop({
    perSecond: livePerSecond,
    seconds,
    request: (nth) => sender.send([purchase(`${prefix}-${nth}`)]),
  });
  await sender.close();
}

/**
 * Milliseconds from the acceptance to the settlement that 95 of 100 events keep to.
 *
 * @param whileWaiting only events that were accepted before the last one of this prefix was settled
 */
async function settledWithin(rig: Rig, prefix: string, whileWaiting?: string): Promise<number> {
  const [row] = await rig.sql<{ p95: number | null }[]>`
    select percentile_disc(0.95) within group (order by extract(epoch from d.settled_at - e.accepted_at) * 1000)::float8 as p95
    from deliveries d join conversion_events e using (event_key)
    where starts_with(d.event_id, ${`${prefix}-`}) and (${whileWaiting === undefined} or e.accepted_at < (
      select max(settled_at) from deliveries where starts_with(event_id, ${`${whileWaiting}-`})))`;
  return row?.p95 ?? Number.NaN;
}

async function requireCounted(rig: Rig, events: number): Promise<void> {
  const counted = await requireTruth(rig);
  if (counted !== events) throw new Error(`${events} events were accepted and ${counted} are counted.`);
}

function figuresOf(
  events: number,
  drained: Drain,
  together: Drain,
  { calm, beside }: { calm: number; beside: number },
): Figure[] {
  const rate = events / drained.seconds;
  const memory = Math.max(drained.memory, together.memory);
  const eventsPerBatch = drained.historyEvents / drained.requests;
  return [
    {
      name: `${events} waiting events, resume to the last settled`,
      value: `${drained.seconds.toFixed(1)} s (${Math.round(rate)} events/s)`,
      goal: '≥ 2,000 events/s',
      met: rate >= 2_000,
    },
    {
      name: 'worker RSS, largest',
      value: `${memory.toFixed(0)} MiB`,
      goal: '< 350 MB',
      // The kernel counts in MiB.
      met: memory < 350 / 1.048576,
    },
    {
      name: `accepted to settled, p95 at ${livePerSecond}/s`,
      value: `${calm.toFixed(0)} ms`,
      goal: '< 500 ms',
      met: calm < 500,
    },
    {
      name: 'the same while a backlog drains, p95',
      value: `${beside.toFixed(0)} ms`,
      goal: '< 2,000 ms',
      met: beside < 2_000,
    },
    {
      name: `Temporal events for each of ${drained.requests} requests`,
      value: eventsPerBatch.toFixed(2),
      goal: '< 10',
      met: eventsPerBatch < 10,
    },
  ];
}
