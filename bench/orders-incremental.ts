import { setTimeout as sleep } from 'node:timers/promises';
import { createSimulatorControl } from '../src/cli/demo/simulator-control.ts';
import type { StartedRun, StreamStatus } from '../src/sync/types.ts';
import { median, printFigures } from './support/figures.ts';
import { fillShop } from './support/fill-shop.ts';
import { type Rig, startRig } from './support/rig.ts';

const changedOrders = 100;
const mostSeconds = 1;
const mostColdSeconds = 5;
/** Rounds in which the worker is killed first. */
const coldRounds = 3;
const mostCalls = 5;

async function status(rig: Rig): Promise<StreamStatus> {
  return (await rig.api.get<{ orders: StreamStatus }>('/api/sync/status')).orders;
}

interface Round {
  seconds: number;
  calls: number;
  written: number;
}

/** Kills the worker; ends when the process of the next one is there, which has everything before it. */
async function startWorkerAnew(rig: Rig): Promise<void> {
  const before = rig.pidOf('worker');
  process.kill(before, 'SIGKILL');
  for (let now: number | null = null; now === null || now === before; ) {
    await sleep(10);
    try {
      now = rig.pidOf('worker');
    } catch {
      // Between the two there is none.
      now = null;
    }
  }
}

/** From the request to the status that shows it finished, seen as a client sees it. */
async function syncChanges(rig: Rig): Promise<Round> {
  const started = performance.now();
  const { run_id: runId, mode } = await rig.api.post<StartedRun>('/api/sync/orders', {});
  if (mode !== 'incremental') throw new Error(`The run was ${mode}.`);
  while (true) {
    const { status: now, metadata, error } = await status(rig);
    const seconds = (performance.now() - started) / 1000;
    const { last_run: last } = metadata;
    if (now === 'error') throw new Error(`The run failed: ${JSON.stringify(error)}`);
    if (now === 'idle' && last?.run_id === runId) {
      return { seconds, calls: last.api_calls, written: last.orders_written };
    }
    await sleep(20);
  }
}

/**
 * `npm run bench -- orders-incremental [orders] [rounds]`
 *
 * Rounds follow each other within the overlap that every run reads again: the nth also reads the changes of those
 * before it, a page each, and from the fourth on the window is halved for their sake. Calls of more than three rounds
 * are therefore those of more than a hundred changes.
 */
export async function main(args: readonly string[] = []): Promise<number> {
  const orders = Number(args[0] ?? 370_000);
  const rounds = Number(args[1] ?? 3);
  const rig = await startRig({
    simulator: ['--orders-count', String(orders)],
    report: (line) => console.error(line),
  });
  try {
    await rig.connect();
    const [shop] = await rig.sql<
      { id: string }[]
    >`select tiktok_shop_id as id from shops where shop_id = 'shop-1'`;
    if (shop === undefined) throw new Error('No shop is connected.');
    await fillShop(rig);
    const control = createSimulatorControl(rig.simulator.address.controlUrl, new AbortController().signal);
    const measured: Round[] = [];
    const cold: number[] = [];
    for (let round = 1; round <= rounds + coldRounds; round++) {
      const isCold = round > rounds;
      // The new ones come last: among the open orders to advance they would be found twice.
      const ids = await control.change(shop.id, { advance: 80, new: 20, touch: 0, cancel: 0 });
      if (new Set(ids).size !== changedOrders) throw new Error(`${new Set(ids).size} orders were changed.`);
      if (isCold) await startWorkerAnew(rig);
      const result = await syncChanges(rig);
      const differences = await rig.differences();
      if (differences.length > 0) throw new Error(`What was stored differs:\n${differences.join('\n')}`);
      if (isCold) cold.push(result.seconds);
      else measured.push(result);
      console.error(
        `round ${round}${isCold ? ', cold' : ''}: ${result.seconds.toFixed(2)} s, ${result.calls} calls, ${result.written} rows written, equal to the simulator`,
      );
    }
    const seconds = measured.map((round) => round.seconds);
    const calls = Math.max(...measured.map((round) => round.calls));
    const worst = Math.max(...seconds);
    printFigures(`orders-incremental: ${changedOrders} changed of ${orders} orders, ${rounds} rounds`, [
      {
        name: 'POST to finished status, median',
        value: `${median(seconds).toFixed(2)} s`,
        goal: `< ${mostSeconds} s`,
        met: median(seconds) < mostSeconds,
      },
      {
        name: 'POST to finished status, worst',
        value: `${worst.toFixed(2)} s`,
        goal: `< ${mostSeconds} s`,
        met: worst < mostSeconds,
      },
      {
        name: `worker's start to finished status, worst of ${coldRounds}`,
        value: `${Math.max(...cold).toFixed(2)} s`,
        goal: `< ${mostColdSeconds} s`,
        met: Math.max(...cold) < mostColdSeconds,
      },
      {
        name: 'calls of a run, most',
        value: String(calls),
        goal: `≤ ${mostCalls}`,
        met: calls <= mostCalls,
      },
    ]);
    return 0;
  } finally {
    await rig.stop();
  }
}
