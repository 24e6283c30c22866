import { setTimeout as sleep } from 'node:timers/promises';
import { request } from 'undici';
import type { FileFormat } from '../src/exports/file.ts';
import type { Run, StartedRun } from '../src/sync/types.ts';
import { type Figure, median, printFigures } from './support/figures.ts';
import { fillShop } from './support/fill-shop.ts';
import { withMemoryGrowth } from './support/resident-memory.ts';
import { type Rig, startRig } from './support/rig.ts';

const path = '/api/v1/shops/shop-1/orders';
const goals = { csvRowsPerSecond: 100_000, xlsxSeconds: 25, growthBytes: 150 * 1024 ** 2, firstByteMs: 200 };
/** Of the first byte, which a single look would leave to chance. */
const looks = 11;

/** `npm run bench -- export [orders]`: all orders as CSV and XLSX, streamed and in the background, beside COPY. */
export async function main(args: readonly string[] = []): Promise<number> {
  const orders = Number(args[0] ?? 370_000);
  const rig = await startRig({
    simulator: ['--orders-count', String(orders)],
    report: (line) => console.error(line),
  });
  try {
    await rig.connect();
    await fillShop(rig);
    // Once for nothing, so that files are in memory and code is compiled for all that follows alike.
    const floor = [await copy(rig), await copy(rig)].at(-1) ?? Number.NaN;
    const figures: Figure[] = [
      { name: 'COPY of the orders alone to CSV', value: rate(orders, floor) },
      ...(await streamed(rig, 'csv', orders)),
      ...(await streamed(rig, 'xlsx', orders)),
      ...(await inBackground(rig, 'csv', orders)),
      ...(await inBackground(rig, 'xlsx', orders)),
    ];
    printFigures(`export: ${orders} orders with their line items`, figures);
    return 0;
  } finally {
    await rig.stop();
  }
}

function rate(rows: number, seconds: number): string {
  return `${seconds.toFixed(2)} s, ${Math.round(rows / seconds).toLocaleString('en')} rows/s`;
}

async function finished(rig: Rig, runId: string): Promise<Run> {
  while (true) {
    const run = await rig.api.get<Run>(`/api/v1/syncs/${runId}`);
    if (run.status === 'completed') return run;
    if (run.status !== 'running' && run.status !== 'queued') throw new Error(`${runId} is ${run.status}.`);
    await sleep(50);
  }
}

/** What PostgreSQL needs by itself, without line items: seconds. */
async function copy(rig: Rig): Promise<number> {
  const startedAt = performance.now();
  const stream = await rig.sql`
    copy (select order_id, status, created_at, updated_at, paid_at, currency, total_amount, sub_total, shipping_fee, tax,
      seller_discount, platform_discount, buyer_id, items_count from orders where shop_id = 'shop-1'
      order by created_at desc, order_id desc) to stdout (format csv)`.readable();
  for await (const _ of stream);
  return (performance.now() - startedAt) / 1_000;
}

async function download(
  rig: Rig,
  format: FileFormat,
): Promise<{ firstByteMs: number; seconds: number; bytes: number }> {
  const startedAt = performance.now();
  const { statusCode, body } = await request(`${rig.apiUrl}${path}?format=${format}`, {
    headers: { authorization: `Bearer ${rig.apiKey}` },
  });
  if (statusCode !== 200) throw new Error(`${statusCode} ${await body.text()}`);
  let firstByteMs: number | null = null;
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    firstByteMs ??= performance.now() - startedAt;
    bytes += chunk.length;
  }
  return { firstByteMs: firstByteMs ?? Number.NaN, seconds: (performance.now() - startedAt) / 1_000, bytes };
}

async function firstByte(rig: Rig, format: FileFormat): Promise<number> {
  const startedAt = performance.now();
  const { body } = await request(`${rig.apiUrl}${path}?format=${format}`, {
    headers: { authorization: `Bearer ${rig.apiKey}` },
  });
  for await (const _ of body) break;
  return performance.now() - startedAt;
}

async function streamed(rig: Rig, format: FileFormat, rows: number): Promise<Figure[]> {
  const { result, growth } = await withMemoryGrowth(rig.pidOf('api'), () => download(rig, format));
  const times: number[] = [];
  for (let look = 0; look < looks; look++) times.push(await firstByte(rig, format));
  const name = `${format.toUpperCase()}, streamed by the API`;
  return [
    {
      name,
      ...judge(format, rows, result.seconds),
      value: `${rate(rows, result.seconds)}, ${megabytes(result.bytes)}`,
    },
    { name: `${name}: growth`, ...judgeGrowth(growth) },
    {
      name: `${name}: first byte`,
      value: `${median(times).toFixed(0)} ms, at most ${Math.max(...times).toFixed(0)} ms`,
      goal: `${goals.firstByteMs} ms`,
      met: Math.max(...times) <= goals.firstByteMs,
    },
  ];
}

async function inBackground(rig: Rig, format: FileFormat, rows: number): Promise<Figure[]> {
  const startedAt = performance.now();
  const { growth } = await withMemoryGrowth(rig.pidOf('worker'), async () => {
    const { run_id: runId } = await rig.api.post<StartedRun>('/api/v1/exports', { path, format });
    const { counts } = await finished(rig, runId);
    if (counts.written !== rows) throw new Error(`${counts.written} rows were written, not ${rows}.`);
  });
  const seconds = (performance.now() - startedAt) / 1_000;
  const name = `${format.toUpperCase()}, written by the worker`;
  return [
    { name, value: rate(rows, seconds), ...judge(format, rows, seconds) },
    { name: `${name}: growth`, ...judgeGrowth(growth) },
  ];
}

function judge(format: FileFormat, rows: number, seconds: number): Pick<Figure, 'goal' | 'met'> {
  return format === 'csv'
    ? {
        goal: `${goals.csvRowsPerSecond.toLocaleString('en')} rows/s`,
        met: rows / seconds >= goals.csvRowsPerSecond,
      }
    : { goal: `${goals.xlsxSeconds} s`, met: seconds <= goals.xlsxSeconds };
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1024 ** 2)} MiB`;
}

function judgeGrowth(growth: number): Pick<Figure, 'value' | 'goal' | 'met'> {
  return {
    value: megabytes(growth),
    goal: `< ${megabytes(goals.growthBytes)}`,
    met: growth < goals.growthBytes,
  };
}
