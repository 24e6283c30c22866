import { recordCoverage } from '../../db/queries/coverage.ts';
import { overlapSeconds, recordLateInSlice } from '../../db/queries/late-commits.ts';
import { loadRun, type RunRecord } from '../../db/queries/runs.ts';
import { claimSlice, finishSlice, insertSlices, restartWalk, type Slice } from '../../db/queries/slices.ts';
import { advanceWatermark, loadStreamState } from '../../db/queries/stream-states.ts';
import { changeWindowParts, type TimeRange } from '../../sync/slicing.ts';
import type { ActivityControl, OrderDependencies } from './dependencies.ts';
import { readChangesPage, type WalkedPage } from './read-page.ts';
import { walkPages } from './walk.ts';

/** Passes over one window before it is called different. */
const mostPasses = 5;

/**
 * Reads what changed since the watermark (or, in a full sync, since its T0), in short windows of `update_time` up to
 * a bound that is fixed once. Each window is sealed in the transaction that moves the watermark over it.
 */
export async function walkChanges(
  dependencies: OrderDependencies,
  control: ActivityControl,
  runId: string,
): Promise<void> {
  const { sql } = dependencies;
  const run = await loadRun(sql, runId);
  const from = await changesFrom(dependencies, run);
  const now = await upstreamSeconds(dependencies, control, run, from);
  await abandonOpenWindows(dependencies, runId);
  let cursor = from;
  let step = now - from;
  while (cursor < now) {
    const window = await openWindow(dependencies, control, run, { cursor, step, now });
    // A list that never ends keeps what comes after it: the next pass begins here again, and nothing is skipped.
    if (!(await readUntilStable(dependencies, control, run, window))) return;
    step = nextStep(window);
    cursor = window.end;
  }
}

/**
 * Upstream's present second. Before the first answer it is the local clock's: slow, it makes the bound early, never
 * wrong; so slow that nothing would be left to read, upstream is asked.
 */
async function upstreamSeconds(
  dependencies: OrderDependencies,
  control: ActivityControl,
  run: RunRecord,
  from: number,
): Promise<number> {
  const now = (): number => Math.floor(dependencies.clock.upstreamNow() / 1000);
  if (now() <= from) await readWindow(dependencies, control, run, { from, to: null });
  return now();
}

interface Window {
  slice: Slice;
  /** Where its coverage ends. */
  sealTo: number;
  /** Where the next window begins. */
  end: number;
  first: WalkedPage;
}

function nextStep({ slice, first }: Window): number {
  const length = slice.rangeTo - slice.rangeFrom;
  return first.totalCount < 100 ? length * 2 : length;
}

async function changesFrom({ sql }: OrderDependencies, run: RunRecord): Promise<number> {
  if (run.mode !== 'full') {
    const { watermark } = await loadStreamState(sql, run.shopId, run.stream);
    if (watermark === null) throw new Error(`Shop ${run.shopId} has no watermark yet.`);
    return watermark - (await overlapSeconds(sql, run.shopId));
  }
  const [last] = await sql<{ sealed: number | null }[]>`
    select max(seal_to) as sealed from sync_slices
    where run_id = ${run.runId} and axis = 'update_time' and status in ('sealed', 'different')`;
  const sealed = last?.sealed ?? run.bound;
  if (sealed === null) throw new Error(`Run ${run.runId} is not planned yet.`);
  return sealed - (await overlapSeconds(sql, run.shopId));
}

function readWindow(
  dependencies: OrderDependencies,
  control: ActivityControl,
  run: RunRecord,
  range: { from: number; to: number | null },
): Promise<WalkedPage> {
  return readChangesPage(dependencies, {
    shopId: run.shopId,
    runId: run.runId,
    range: { axis: 'update_time', ...range },
    pageToken: null,
    signal: control.signal,
  });
}

/** An attempt that died left its window open; its orders are stored, its range is read again from the start. */
async function abandonOpenWindows({ sql }: OrderDependencies, runId: string): Promise<void> {
  await sql`
    delete from sync_slices
    where run_id = ${runId} and axis = 'update_time' and status in ('pending', 'walking') and pages = 0`;
  await sql`
    update sync_slices set status = 'abandoned', finished_at = now()
    where run_id = ${runId} and axis = 'update_time' and status in ('pending', 'walking')`;
}

/**
 * Finds a window short enough for a page or two. The last one asks up to the latest second that upstream's clock may
 * show, and for the second that is not over yet; what is sealed ends where upstream's own clock stood.
 */
async function openWindow(
  dependencies: OrderDependencies,
  control: ActivityControl,
  run: RunRecord,
  { cursor, step, now }: { cursor: number; step: number; now: number },
): Promise<Window> {
  let sealTo = Math.min(now, cursor + Math.max(1, step));
  while (true) {
    const latest = Math.floor(dependencies.clock.upstreamNowAtLatest() / 1000);
    const rangeTo = sealTo === now ? Math.max(now, latest) + 1 : sealTo;
    const range: TimeRange = { from: cursor, to: rangeTo };
    const first = await readWindow(dependencies, control, run, range);
    const parts = changeWindowParts(first.totalCount, { from: cursor, to: sealTo });
    if (parts > 1) {
      sealTo = cursor + Math.max(1, Math.floor((sealTo - cursor) / parts));
      continue;
    }
    const observed = Math.floor(first.observedAt.getTime() / 1000);
    const sealed = Math.max(cursor, Math.min(sealTo, observed));
    const [sliceId] = await insertSlices(dependencies.sql, [
      { runId: run.runId, axis: 'update_time', rangeFrom: cursor, rangeTo, sealTo: sealed },
    ]);
    const slice = sliceId === undefined ? null : await claimSlice(dependencies.sql, run.runId, sliceId);
    if (slice === null) throw new Error(`Run ${run.runId} is no longer running.`);
    return { slice, sealTo: sealed, end: sealTo, first };
  }
}

/**
 * Passes over a window until one of them was not disturbed: a single page, or pages that all name the same total
 * and add up to it. Rows that leave a window shift the pages behind them, so anything else is read again. False when
 * upstream never came to the list's end.
 */
async function readUntilStable(
  dependencies: OrderDependencies,
  control: ActivityControl,
  run: RunRecord,
  window: Window,
): Promise<boolean> {
  const { sql } = dependencies;
  let slice: Slice = window.slice;
  let first: WalkedPage | undefined = window.first;
  const known = new Set<string>();
  while (true) {
    const options = {
      slice,
      shopId: run.shopId,
      read: readChangesPage,
      ...(first === undefined ? {} : { first }),
    };
    const walk = await walkPages(dependencies, control, options);
    first = undefined;
    const news = [...walk.ids].filter((id) => !known.has(id));
    for (const id of news) known.add(id);
    const adds = walk.ended && walk.ids.size === walk.lastTotal;
    const stable = adds && (walk.pages === 1 || walk.steady || news.length === 0);
    if (stable || slice.walk >= mostPasses) {
      await sealWindow(dependencies, run, slice, {
        stable,
        sealTo: walk.ended ? window.sealTo : slice.rangeFrom,
        upstreamTotal: walk.lastTotal,
        distinct: walk.ids.size,
      });
      return walk.ended;
    }
    const again = await restartWalk(sql, slice);
    if (again === null) throw new Error(`Run ${run.runId} is no longer running.`);
    slice = again;
  }
}

async function sealWindow(
  { sql }: OrderDependencies,
  run: RunRecord,
  slice: Slice,
  result: { stable: boolean; sealTo: number; upstreamTotal: number; distinct: number },
): Promise<void> {
  const { shopId, stream, runId } = run;
  const { sliceId, rangeFrom } = slice;
  const { stable, sealTo, upstreamTotal, distinct } = result;
  await sql.begin(async (tx) => {
    const counted = { upstreamTotal, storedTotal: distinct };
    if (stable) {
      await finishSlice(tx, slice, { status: 'sealed', ...counted });
      const range = { from: rangeFrom, to: sealTo };
      await recordCoverage(tx, { shopId, stream, axis: 'update_time', ...range, runId, sliceId });
    } else {
      const difference = { upstream_total: upstreamTotal, distinct };
      await finishSlice(tx, slice, { status: 'different', ...counted, difference });
      await tx`update sync_slices set seal_to = ${sealTo} where slice_id = ${sliceId}`;
    }
    if (run.mode !== 'incremental') return;
    await recordLateInSlice(tx, shopId, slice);
    await advanceWatermark(tx, shopId, stream, sealTo);
  });
}
