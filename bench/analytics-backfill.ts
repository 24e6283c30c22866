import { setTimeout as sleep } from 'node:timers/promises';
import { parseKeyRing } from '../encryption/key-ring.ts';
import { compareAnalytics, formatAnalyticsComparison } from '../simulator/index.ts';
import { addDays } from '../src/analytics/calendar.ts';
import { createDataKeys } from '../src/shops/data-keys.ts';
import type { StartedRun } from '../src/sync/types.ts';
import { runAnalyticsFloor } from './support/analytics-floor.ts';
import { type Figure, median, printFigures } from './support/figures.ts';
import { withProcessorTime } from './support/processor-time.ts';
import { type Rig, residentMemory, startRig } from './support/rig.ts';
import { shopAccess } from './support/shop-access.ts';

const rate = 5;
/** Days that the engine reads at once. */
const lanes = 8;
const schedules = ['orders', 'products', 'analytics', 'reconcile'];

interface EngineResult {
  seconds: number;
  calls: number;
  memory: number;
}

/** A rig whose shop has this many products; nothing runs but what is measured. */
async function startShop(products: number, simulator: readonly string[]): Promise<Rig> {
  const rig = await startRig({
    simulator: [
      ...['--orders-count', '20000', '--products', String(products), '--journal-size', '200000'],
      ...simulator,
    ],
    // Ours is not the limit that is measured.
    environment: { TIDELINE_REQUESTS_PER_SECOND: '1000' },
    report: (line) => console.error(line),
  });
  await rig.connect();
  for (const stream of schedules) {
    await rig.api.put(`/api/v1/shops/shop-1/schedules/${stream}`, { paused: true });
  }
  return rig;
}

/** The last days that are ready, in the zone of a US shop. */
async function readyDays({ sql }: Rig, count: number): Promise<string[]> {
  const rows = await sql<{ date: string }[]>`
    select ((now() at time zone 'UTC' - interval '8 hours')::date - back)::text as date
    from generate_series(${count}::integer, 1, -1) as back`;
  return rows.map(({ date }) => date);
}

/** A backfill of products from the request to its end, watched from outside. */
async function runEngine(rig: Rig, days: readonly string[]): Promise<EngineResult> {
  const pid = rig.pidOf('worker');
  const started = performance.now();
  const { run_id: runId } = await rig.api.post<StartedRun>('/api/v1/shops/shop-1/backfills', {
    streams: ['products'],
    start_date: days[0],
    end_date: days.at(-1),
  });
  let memory = 0;
  while (true) {
    const [row] = await rig.sql<{ status: string; error: unknown }[]>`
      select status, error from sync_runs where run_id = ${runId}`;
    const seconds = (performance.now() - started) / 1000;
    memory = Math.max(memory, residentMemory(pid));
    if (row?.status === 'completed') return { seconds, memory, calls: await productCalls(rig) };
    if (row?.status !== 'running' && row?.status !== 'queued') {
      throw new Error(`The run ended as ${row?.status}: ${JSON.stringify(row?.error)}`);
    }
    await sleep(100);
  }
}

async function productCalls({ simulator }: Rig): Promise<number> {
  const url = `${simulator.address.controlUrl}/journal?limit=200000&route=analytics_products`;
  const { entries } = (await (await fetch(url)).json()) as { entries: { code: number }[] };
  return entries.filter(({ code }) => code === 0).length;
}

async function check(rig: Rig, days: readonly string[]): Promise<void> {
  const [shop] = await rig.sql<{ id: string }[]>`select tiktok_shop_id as id from shops`;
  const compared = await compareAnalytics({
    databaseUrl: rig.databaseUrl,
    controlUrl: rig.simulator.address.controlUrl,
    tiktokShopId: shop?.id ?? '',
    from: days[0] ?? '',
    to: days.at(-1) ?? '',
    streams: ['products'],
  });
  if (!compared.equal) throw new Error(formatAnalyticsComparison(compared));
}

async function forget(rig: Rig): Promise<void> {
  await rig.sql`
    truncate analytics_products, analytics_products_to_date, analytics_boundaries, analytics_days, analytics_streams,
      analytics_pages, analytics_restatements, api_calls`;
  await rig.sql`delete from sync_runs`;
  await rig.sql`checkpoint`;
}

/** Without a limit, beside the floor. */
async function measureUnlimited(products: number, count: number, rounds: number): Promise<Figure[]> {
  const rig = await startShop(products, []);
  try {
    const days = await readyDays(rig, count);
    const keys = createDataKeys(parseKeyRing(rig.running.installation.encryptionKeys));
    const access = await shopAccess(rig, keys);
    const engine: EngineResult[] = [];
    const floor: number[] = [];
    for (let round = 1; round <= rounds; round += 1) {
      await forget(rig);
      const parts = {
        worker: rig.pidOf('worker'),
        postgres: rig.pidOf('postgres'),
        simulator: rig.pidOf('simulator'),
      };
      const { result, spent } = await withProcessorTime(parts, () => runEngine(rig, days));
      await check(rig, days);
      engine.push(result);
      console.error(
        `round ${round}: engine ${result.seconds.toFixed(1)} s, equal to the simulator (${spent})`,
      );
      await forget(rig);
      const pages = { ...access, lanes, days: days.map((date) => ({ date, next: addDays(date, 1) })) };
      const { result: least, spent: spentLeast } = await withProcessorTime(parts, () =>
        runAnalyticsFloor(rig.databaseUrl, pages),
      );
      if (least.rows !== products * count) throw new Error(`The floor stored ${least.rows} rows.`);
      floor.push(least.seconds);
      console.error(
        `round ${round}: floor ${least.seconds.toFixed(1)} s, ${least.pages} pages (${spentLeast})`,
      );
    }
    const seconds = median(engine.map((result) => result.seconds));
    const least = median(floor);
    const rows = products * count;
    const timing = (value: number): string => `${value.toFixed(1)} s (${Math.round(rows / value)} rows/s)`;
    const memory = Math.max(...engine.map((result) => result.memory));
    return [
      { name: `engine, ${count} days × ${products} products`, value: timing(seconds) },
      { name: 'floor', value: timing(least) },
      {
        name: 'engine ÷ floor, time',
        value: (seconds / least).toFixed(2),
        goal: '≤ 2',
        met: seconds <= 2 * least,
      },
      { name: 'worker RSS, largest', value: `${memory.toFixed(0)} MiB`, goal: '< 400 MB', met: memory < 381 },
    ];
  } finally {
    await rig.stop();
  }
}

/** Against a limit: first without knowledge of it, then with what a restart would remember. */
async function measureLimited(products: number, count: number): Promise<Figure[]> {
  const rig = await startShop(products, ['--rate-limit', String(rate), '--burst', String(rate)]);
  try {
    const days = await readyDays(rig, count);
    await runEngine(rig, days);
    await check(rig, days);
    await forget(rig);
    const before = await productCalls(rig);
    const { seconds, calls } = await runEngine(rig, days);
    await check(rig, days);
    const made = calls - before;
    const allowed = (made - rate) / rate;
    return [
      { name: `with ${rate} calls/s, ${made} calls`, value: `${seconds.toFixed(1)} s` },
      { name: 'as fast as the limit allows', value: `${allowed.toFixed(1)} s` },
      {
        name: 'engine ÷ what the limit allows',
        value: (seconds / allowed).toFixed(3),
        goal: '≤ 1.05',
        met: seconds <= 1.05 * allowed,
      },
    ];
  } finally {
    await rig.stop();
  }
}

/** `npm run bench -- analytics-backfill [products] [days] [rounds] [days under the limit]` */
export async function main(args: readonly string[] = []): Promise<number> {
  const products = Number(args[0] ?? 10_000);
  const days = Number(args[1] ?? 30);
  const rounds = Number(args[2] ?? 3);
  const limitedDays = Number(args[3] ?? 30);
  const figures: Figure[] = [];
  if (days > 0) figures.push(...(await measureUnlimited(products, days, rounds)));
  if (limitedDays > 0) figures.push(...(await measureLimited(products, limitedDays)));
  printFigures(`analytics-backfill: ${products} products`, figures);
  return 0;
}
