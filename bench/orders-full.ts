import { setTimeout as sleep } from 'node:timers/promises';
import { parseKeyRing } from '../encryption/key-ring.ts';
import { createDataKeys } from '../src/shops/data-keys.ts';
import type { StartedRun } from '../src/sync/types.ts';
import { type Figure, median, printFigures } from './support/figures.ts';
import { runFloor } from './support/floor.ts';
import { withProcessorTime } from './support/processor-time.ts';
import { type Rig, residentMemory, startRig } from './support/rig.ts';
import { shopAccess } from './support/shop-access.ts';
import { runStraightforward } from './support/straightforward.ts';
import type { ReadPagesOptions } from './support/upstream-pages.ts';
import { historySize } from './support/workflow-history.ts';

interface EngineResult {
  seconds: number;
  firstOrdersSeconds: number;
  memory: number;
  events: number;
  largestPayload: number;
}

/** A full sync from the request to the sealed ledger, watched from outside. */
async function runEngine(rig: Rig): Promise<EngineResult> {
  const pid = rig.pidOf('worker');
  const started = performance.now();
  const { run_id: runId, workflow_id: workflowId } = await rig.api.post<StartedRun>(
    '/api/sync/orders/full',
    {},
  );
  let firstOrdersSeconds = Number.NaN;
  let memory = 0;
  while (true) {
    const [row] = await rig.sql<{ status: string; error: unknown; orders: boolean }[]>`
      select status, error, exists (select 1 from orders) as orders from sync_runs where run_id = ${runId}`;
    const elapsed = (performance.now() - started) / 1000;
    if (row?.orders && Number.isNaN(firstOrdersSeconds)) firstOrdersSeconds = elapsed;
    memory = Math.max(memory, residentMemory(pid));
    if (row?.status === 'completed') {
      const history = await historySize(rig.temporal, workflowId);
      return { seconds: elapsed, firstOrdersSeconds, memory, ...history };
    }
    if (row?.status !== 'running' && row?.status !== 'queued') {
      throw new Error(`The run ended as ${row?.status}: ${JSON.stringify(row?.error)}`);
    }
    await sleep(100);
  }
}

async function forgetOrders(rig: Rig): Promise<void> {
  await rig.sql`
    truncate orders, line_items, packages, order_status_history, order_personal, raw_pages, quarantined_records,
      coverage, stream_states, sync_slices, api_calls, order_day_marks, order_day_totals, order_day_words, sold_items`;
  await rig.sql`delete from sync_runs`;
  await rig.sql`vacuum (analyze) orders`;
  await rig.sql`checkpoint`;
}

/** `npm run bench -- orders-full [orders] [rounds]` */
export async function main(args: readonly string[] = []): Promise<number> {
  const orders = Number(args[0] ?? 370_200);
  const rounds = Number(args[1] ?? 3);
  const rig = await startRig({
    simulator: ['--orders-count', String(orders), '--page-tokens', 'stable'],
    report: (line) => console.error(line),
  });
  try {
    await rig.connect();
    // A run that comes due in the middle of a comparison would read again what the comparison stores.
    for (const stream of ['orders', 'reconcile']) {
      await rig.api.put(`/api/v1/shops/shop-1/schedules/${stream}`, { paused: true });
    }
    const access = await shopAccess(
      rig,
      createDataKeys(parseKeyRing(rig.running.installation.encryptionKeys)),
    );
    const engine: EngineResult[] = [];
    const straightforward: number[] = [];
    const floor: number[] = [];
    for (let round = 1; round <= rounds; round++) {
      await forgetOrders(rig);
      const parts = {
        worker: rig.pidOf('worker'),
        postgres: rig.pidOf('postgres'),
        temporal: rig.pidOf('temporal'),
        simulator: rig.pidOf('simulator'),
      };
      const { result, spent } = await withProcessorTime(parts, () => runEngine(rig));
      const differences = await rig.differences();
      if (differences.length > 0) throw new Error(`What was stored differs:\n${differences.join('\n')}`);
      engine.push(result);
      console.error(
        `round ${round}: engine ${result.seconds.toFixed(1)} s, ${result.memory.toFixed(0)} MiB, equal to the simulator (${spent})`,
      );
      const [range] = await rig.sql<{ from: number; to: number; slices: number }[]>`
        select min(range_from) as from, max(range_to) as to, count(*) as slices from sync_slices
        where axis = 'create_time' and status = 'sealed'`;
      if (range === undefined) throw new Error('The engine left no slices.');
      const pages: Omit<ReadPagesOptions, 'onPage'> = { ...access, ...range, lanes: 8 };
      await forgetOrders(rig);
      const { result: simple, spent: spentSimple } = await withProcessorTime(parts, () =>
        runStraightforward(rig.sql, pages),
      );
      console.error(`round ${round}: straightforward ${simple.seconds.toFixed(1)} s (${spentSimple})`);
      await forgetOrders(rig);
      const { result: least, spent: spentLeast } = await withProcessorTime(parts, () =>
        runFloor(rig.databaseUrl, 'shop-1', pages),
      );
      console.error(`round ${round}: floor ${least.seconds.toFixed(1)} s (${spentLeast})`);
      if (simple.orders !== orders || least.orders !== orders)
        throw new Error('A comparison did not store every order.');
      straightforward.push(simple.seconds);
      floor.push(least.seconds);
    }
    printFigures(
      `orders-full: ${orders} orders, median of ${rounds}`,
      figuresOf(orders, engine, straightforward, floor),
    );
    return 0;
  } finally {
    await rig.stop();
  }
}

function figuresOf(
  orders: number,
  engine: readonly EngineResult[],
  straightforward: readonly number[],
  floor: readonly number[],
): Figure[] {
  const seconds = median(engine.map((run) => run.seconds));
  const simple = median(straightforward);
  const least = median(floor);
  const first = median(engine.map((run) => run.firstOrdersSeconds));
  const memory = Math.max(...engine.map((run) => run.memory));
  const events = median(engine.map((run) => run.events));
  const payload = Math.max(...engine.map((run) => run.largestPayload));
  const timing = (value: number): string => `${value.toFixed(1)} s (${Math.round(orders / value)} orders/s)`;
  const eventsPerHundred = (events / orders) * 100;
  return [
    { name: 'engine, request to sealed ledger', value: timing(seconds) },
    { name: '(a) straightforward pipeline', value: timing(simple) },
    { name: '(b) floor', value: timing(least) },
    {
      name: 'engine ÷ (a)',
      value: (seconds / simple).toFixed(2),
      goal: '≤ 0.8',
      met: seconds <= simple * 0.8,
    },
    { name: 'engine ÷ (b)', value: (seconds / least).toFixed(2), goal: '≤ 1.6', met: seconds <= least * 1.6 },
    { name: 'first orders visible', value: `${first.toFixed(2)} s`, goal: '≤ 2 s', met: first <= 2 },
    { name: 'worker RSS, largest', value: `${memory.toFixed(0)} MiB`, goal: '< 400 MB', met: memory < 381 },
    {
      name: 'Temporal events per 100 orders',
      value: eventsPerHundred.toFixed(2),
      goal: '< 2',
      met: eventsPerHundred < 2,
    },
    { name: 'largest Temporal payload', value: `${payload} B`, goal: '≤ 10 kB', met: payload <= 10_000 },
  ];
}
