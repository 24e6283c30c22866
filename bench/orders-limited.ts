import { setTimeout as sleep } from 'node:timers/promises';
import { parseKeyRing } from '../encryption/key-ring.ts';
import { createDataKeys } from '../src/shops/data-keys.ts';
import type { StartedRun } from '../src/sync/types.ts';
import { type Figure, median, printFigures } from './support/figures.ts';
import { type Rig, residentMemory, startRig } from './support/rig.ts';
import { shopAccess } from './support/shop-access.ts';
import { readPages } from './support/upstream-pages.ts';

const rate = 20;
const latencyMs = 150;
/** Calls one after the other, for comparison with the engine's. */
const serialPages = 40;

interface Usage {
  seconds: number;
  calls: number;
}

interface LimitedResult {
  whole: Usage;
  /** From the moment at which the budget holds a learned rate. */
  known: Usage;
  throttled: number;
  /** Calls that only ask for totals, or for a slice that turns out too big. */
  probes: number;
}

interface JournalEntry {
  route: string;
  code: number | null;
  params: Record<string, unknown>;
}

async function control<Answer>(rig: Rig, method: string, path: string, body?: unknown): Promise<Answer> {
  const response = await fetch(`${rig.simulator.address.controlUrl}${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${path} was answered ${response.status}.`);
  return (await response.json()) as Answer;
}

/** What upstream has seen since it was last told to forget. */
async function searches(rig: Rig): Promise<JournalEntry[]> {
  const { entries } = await control<{ entries: JournalEntry[] }>(
    rig,
    'GET',
    '/journal?limit=200000&route=order_search',
  );
  return entries;
}

async function status(rig: Rig, runId: string): Promise<string> {
  const [row] = await rig.sql<{ status: string; error: unknown }[]>`
    select status, error from sync_runs where run_id = ${runId}`;
  if (row === undefined || ['failed', 'cancelled', 'paused'].includes(row.status))
    throw new Error(`The run ended as ${row?.status}: ${JSON.stringify(row?.error)}`);
  return row.status;
}

const start = (rig: Rig): Promise<StartedRun> => rig.api.post<StartedRun>('/api/sync/orders/full', {});

/** One full sync against the limit. */
async function runLimited(rig: Rig): Promise<LimitedResult> {
  const before = (await searches(rig)).length;
  const started = performance.now();
  const elapsed = (): number => (performance.now() - started) / 1000;
  const { run_id: runId } = await start(rig);
  let knownAt: { seconds: number; calls: number } | null = null;
  while ((await status(rig, runId)) !== 'completed') {
    if (knownAt === null) {
      const [budget] = await rig.sql`select 1 from request_budgets where phase = 'holding'`;
      if (budget !== undefined)
        knownAt = { seconds: elapsed(), calls: (await searches(rig)).length - before };
    }
    await sleep(100);
  }
  const seconds = elapsed();
  const entries = (await searches(rig)).slice(before);
  if (knownAt === null) throw new Error('The rate was never learned: take more orders.');
  const [split] = await rig.sql<{ slices: number }[]>`
    select count(*) as slices from sync_slices where run_id = ${runId} and status = 'split'`;
  const totals = entries.filter(({ params, code }) => params.page_size === '1' && code === 0).length;
  return {
    whole: { seconds, calls: entries.length },
    known: { seconds: seconds - knownAt.seconds, calls: entries.length - knownAt.calls },
    throttled: entries.filter(({ code }) => code === 36009002).length,
    probes: totals + (split?.slices ?? 0),
  };
}

async function forgetOrders(rig: Rig): Promise<void> {
  await rig.sql`
    truncate orders, line_items, packages, order_status_history, order_personal, raw_pages, quarantined_records,
      coverage, stream_states, sync_slices, api_calls`;
  await rig.sql`delete from sync_runs`;
}

async function checked(rig: Rig): Promise<void> {
  const differences = await rig.differences();
  if (differences.length > 0) throw new Error(`What was stored differs:\n${differences.join('\n')}`);
}

/** Against a limit of 20 calls a second: first without knowledge, then with what a restart would remember. */
async function measureLimit(orders: number): Promise<{ first: LimitedResult; second: LimitedResult }> {
  const rig = await startRig({
    simulator: [
      ...['--orders-count', String(orders), '--page-tokens', 'stable', '--journal-size', '200000'],
      ...['--rate-limit', String(rate), '--burst', String(rate)],
    ],
    report: (line) => console.error(line),
  });
  try {
    await rig.connect();
    const first = await runLimited(rig);
    await checked(rig);
    await forgetOrders(rig);
    const second = await runLimited(rig);
    await checked(rig);
    return { first, second };
  } finally {
    await rig.stop();
  }
}

interface SlowResult {
  serialPagesPerSecond: number;
  pagesPerSecond: number[];
  memory: number;
}

/** Where every answer takes 150 ms, beside one call after the other on the same pages. */
async function measureLatency(orders: number, rounds: number): Promise<SlowResult> {
  const rig = await startRig({
    simulator: ['--orders-count', String(orders), '--page-tokens', 'stable', '--latency', String(latencyMs)],
    report: (line) => console.error(line),
  });
  try {
    await rig.connect();
    const access = await shopAccess(
      rig,
      createDataKeys(parseKeyRing(rig.running.installation.encryptionKeys)),
    );
    const pid = rig.pidOf('worker');
    const pagesPerSecond: number[] = [];
    let memory = 0;
    let serialPagesPerSecond = Number.NaN;
    for (let round = 1; round <= rounds; round++) {
      await forgetOrders(rig);
      const started = performance.now();
      const { run_id: runId } = await start(rig);
      while ((await status(rig, runId)) !== 'completed') {
        memory = Math.max(memory, residentMemory(pid));
        await sleep(50);
      }
      const seconds = (performance.now() - started) / 1000;
      await checked(rig);
      pagesPerSecond.push(orders / 100 / seconds);
      console.error(`round ${round}: ${(orders / 100 / seconds).toFixed(1)} pages/s`);
      if (round > 1) continue;
      const [range] = await rig.sql<{ from: number; to: number }[]>`
        select min(range_from) as from, max(range_to) as to from sync_slices where axis = 'create_time'`;
      if (range === undefined) throw new Error('The engine left no slices.');
      serialPagesPerSecond = await measureSerial({ ...access, ...range });
    }
    return { serialPagesPerSecond, pagesPerSecond, memory };
  } finally {
    await rig.stop();
  }
}

/** Pages a second of somebody who waits for each answer before asking again, and does nothing else. */
async function measureSerial(
  access: Omit<Parameters<typeof readPages>[0], 'lanes' | 'slices' | 'onPage'>,
): Promise<number> {
  const started = performance.now();
  let pages = 0;
  const enough = new Error('enough pages');
  try {
    await readPages({
      ...access,
      lanes: 1,
      slices: 1,
      onPage: async () => {
        pages += 1;
        if (pages === serialPages) throw enough;
      },
    });
  } catch (error) {
    if (error !== enough) throw error;
  }
  return pages / ((performance.now() - started) / 1000);
}

/** `npm run bench -- orders-limited [orders under the limit] [orders with latency] [rounds with latency]` */
export async function main(args: readonly string[] = []): Promise<number> {
  const limited = Number(args[0] ?? 150_000);
  const slow = Number(args[1] ?? 200_000);
  const rounds = Number(args[2] ?? 3);
  const figures: Figure[] = [];
  if (limited > 0) figures.push(...limitFigures(await measureLimit(limited)));
  if (slow > 0) figures.push(...latencyFigures(await measureLatency(slow, rounds)));
  printFigures(`orders-limited: ${rate} calls/s, then ${latencyMs} ms without a limit`, figures);
  return 0;
}

function limitFigures({ first, second }: { first: LimitedResult; second: LimitedResult }): Figure[] {
  const against = (name: string, { seconds, calls }: Usage, most: number): Figure => {
    const excess = seconds / (calls / rate) - 1;
    const value = `${seconds.toFixed(1)} s for ${calls} calls (${(excess * 100).toFixed(1)} %)`;
    return { name, value, goal: `≤ ${most} % over calls ÷ ${rate}/s`, met: excess <= most / 100 };
  };
  const share = (name: string, part: number, { calls }: Usage, most: number): Figure => {
    const value = part / calls;
    const shown = `${part} of ${calls} (${(value * 100).toFixed(2)} %)`;
    return { name, value: shown, goal: `≤ ${most} %`, met: value <= most / 100 };
  };
  return [
    against('first sync, in all', first.whole, 6),
    against('first sync, once the rate is known', first.known, 3),
    against('second sync, the rate remembered', second.whole, 3),
    share('calls throttled, first sync', first.throttled, first.whole, 1),
    share('calls throttled, second sync', second.throttled, second.whole, 1),
    share('probes, first sync', first.probes, first.whole, 2),
    share('probes, second sync', second.probes, second.whole, 2),
  ];
}

function latencyFigures({ serialPagesPerSecond, pagesPerSecond, memory }: SlowResult): Figure[] {
  const engine = median(pagesPerSecond);
  const ratio = engine / serialPagesPerSecond;
  return [
    {
      name: `one call after the other, ${latencyMs} ms each`,
      value: `${serialPagesPerSecond.toFixed(1)} pages/s`,
    },
    { name: 'engine', value: `${engine.toFixed(1)} pages/s` },
    { name: 'engine ÷ one after the other', value: ratio.toFixed(1), goal: '≥ 15', met: ratio >= 15 },
    { name: 'worker RSS, largest', value: `${memory.toFixed(0)} MiB`, goal: '< 400 MB', met: memory < 381 },
  ];
}
