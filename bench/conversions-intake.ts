import { createEventSender, forgetEvents, inLanes, purchase, tiktokAlone } from './support/conversions.ts';
import { type Figure, median, printFigures } from './support/figures.ts';
import { runIntakeFloor } from './support/intake-floor.ts';
import { percentile, runOpenLoop } from './support/open-loop.ts';
import { withProcessorTime } from './support/processor-time.ts';
import { type Rig, startRig } from './support/rig.ts';

const batch = 100;
const lanes = 8;
const singlesPerSecond = 1_000;

/** `npm run bench -- conversions-intake [events] [rounds] [seconds of single events]` */
export async function main(args: readonly string[] = []): Promise<number> {
  const events = Number(args[0] ?? 100_000);
  const rounds = Number(args[1] ?? 3);
  const seconds = Number(args[2] ?? 20);
  const rig = await startRig({
    simulator: ['--orders-count', '0'],
    environment: tiktokAlone,
    report: (line) => console.error(line),
  });
  try {
    // Only taking in is measured: nothing is sent meanwhile.
    await rig.api.post('/api/v1/destinations/tiktok/pause', {});
    await warmUp(rig);
    const engine: number[] = [];
    const floor: number[] = [];
    for (let round = 1; round <= rounds; round += 1) {
      await forgetEvents(rig);
      const parts = { api: rig.pidOf('api'), postgres: rig.pidOf('postgres') };
      const { result, spent } = await withProcessorTime(parts, () => takeIn(rig, round, events));
      engine.push(events / result);
      await requireStored(rig, events);
      console.error(`round ${round}: engine ${result.toFixed(2)} s, every event stored once (${spent})`);
      const least = await runIntakeFloor(rig.databaseUrl, { batch, lanes });
      await requireStored(rig, events);
      floor.push(events / least);
      console.error(`round ${round}: floor ${least.toFixed(2)} s`);
    }
    await takeSingles(rig, 3, 'warm-single');
    await forgetEvents(rig);
    const latencies = await takeSingles(rig, seconds);
    await requireStored(rig, latencies.length);
    printFigures(
      `conversions-intake: ${events} events in batches of ${batch}, median of ${rounds}; ${singlesPerSecond} single events/s for ${seconds} s`,
      figuresOf(engine, floor, latencies),
    );
    return 0;
  } finally {
    await rig.stop();
  }
}

async function warmUp(rig: Rig): Promise<void> {
  const sender = createEventSender(rig, lanes);
  await inLanes(20, lanes, (nth) =>
    sender.send(Array.from({ length: batch }, (_, index) => purchase(`warm-${nth}-${index}`))),
  );
  await sender.close();
}

/** @returns seconds from the first request to the last answer */
async function takeIn(rig: Rig, round: number, events: number): Promise<number> {
  const sender = createEventSender(rig, lanes);
  const ms = await inLanes(events / batch, lanes, (nth) =>
    sender.send(Array.from({ length: batch }, (_, index) => purchase(`r${round}-${nth * batch + index}`))),
  );
  await sender.close();
  return ms / 1_000;
}

async function takeSingles(rig: Rig, seconds: number, prefix = 'single'): Promise<number[]> {
  const sender = createEventSender(rig, 100);
  const request = (nth: number) => sender.send([purchase(`${prefix}-${nth}`)]);
  const latencies = await runOpenLoop({ perSecond: singlesPerSecond, seconds, request });
  await sender.close();
  return latencies;
}

/** Each event once, with its delivery. */
async function requireStored(rig: Rig, events: number): Promise<void> {
  const [row] = await rig.sql<{ events: number; ids: number; deliveries: number }[]>`
    select count(*) as events, count(distinct e.event_id) as ids, count(distinct d.event_key) as deliveries
    from conversion_events e left join deliveries d using (event_key)`;
  if (row?.events !== events || row.ids !== events || row.deliveries !== events)
    throw new Error(`${events} events were accepted, and stored are ${JSON.stringify(row)}.`);
}

function figuresOf(
  engine: readonly number[],
  floor: readonly number[],
  latencies: readonly number[],
): Figure[] {
  const rate = median(engine);
  const least = median(floor);
  const share = (rate / least) * 100;
  const p99 = percentile(latencies, 0.99);
  return [
    {
      name: 'engine, request to answer',
      value: `${Math.round(rate)} events/s`,
      goal: '≥ 4,000 events/s',
      met: rate >= 4_000,
    },
    { name: 'floor: the same rows, inserted', value: `${Math.round(least)} events/s` },
    { name: 'engine, of the floor', value: `${share.toFixed(0)} %`, goal: '≥ 50 %', met: share >= 50 },
    {
      name: `single events at ${singlesPerSecond}/s, median`,
      value: `${percentile(latencies, 0.5).toFixed(1)} ms`,
    },
    {
      name: `single events at ${singlesPerSecond}/s, p99`,
      value: `${p99.toFixed(1)} ms`,
      goal: '< 50 ms',
      met: p99 < 50,
    },
  ];
}
