import { loadRun, type RunRecord } from '../../db/queries/runs.ts';
import { insertSlices, listSlices, type Slice } from '../../db/queries/slices.ts';
import { readOrderPage } from '../../sources/tiktok-shop/streams/orders/index.ts';
import type { ActivityControl, OrderDependencies } from './dependencies.ts';

/** Walks of one slice, late commits included, before it is called different. */
const mostWalks = 3;

interface Group {
  slices: readonly Slice[];
  /** The whole history: asked without a lower bound, so that nothing older than the oldest order can hide. */
  whole: boolean;
}

/**
 * Asks upstream once more for the totals of what was read: orders may have been committed late. Totals are asked
 * for the whole range first and bisected to the slices that differ; those are opened again. Returns how many were.
 */
export async function verifyHistory(
  dependencies: OrderDependencies,
  control: ActivityControl,
  runId: string,
): Promise<{ reopened: number }> {
  const { sql } = dependencies;
  const run = await loadRun(sql, runId);
  const history = await listSlices(sql, runId, 'create_time');
  const groups: Group[] = [{ slices: history, whole: true }];
  let reopened = 0;
  let explained = true;
  for (let group = groups.pop(); group !== undefined; group = groups.pop()) {
    const [only, ...others] = group.slices;
    if (only === undefined) continue;
    const total = await upstreamTotal(dependencies, control, run, group);
    control.heartbeat({ groups: groups.length });
    const known = group.slices.reduce((sum, slice) => sum + (slice.upstreamTotal ?? 0), 0);
    if (total === known) continue;
    if (group.whole) explained = total < known;
    const bounded = !group.whole || run.windowFrom !== null;
    if (others.length === 0 && bounded) {
      explained = true;
      reopened += await reopen(dependencies, only, total);
      continue;
    }
    const middle = Math.ceil(group.slices.length / 2);
    groups.push({ slices: group.slices.slice(middle), whole: false });
    groups.push({ slices: group.slices.slice(0, middle), whole: false });
  }
  const [first] = history;
  if (explained || first === undefined || first.rangeFrom === 0) return { reopened };
  // Every slice agrees but the whole is more: there are orders before the one that upstream called the oldest.
  const before = { axis: 'create_time', rangeFrom: 0, rangeTo: first.rangeFrom } as const;
  const added = await insertSlices(sql, [{ runId, ...before }]);
  return { reopened: reopened + added.length };
}

async function upstreamTotal(
  { client }: OrderDependencies,
  control: ActivityControl,
  run: RunRecord,
  group: Group,
): Promise<number> {
  const first = group.slices[0];
  const last = group.slices.at(-1);
  if (first === undefined || last === undefined) throw new Error('A group of slices is never empty.');
  const page = await readOrderPage(client, {
    shopId: run.shopId,
    runId: run.runId,
    lane: 'history',
    range: {
      axis: 'create_time',
      from: group.whole && run.windowFrom === null ? null : first.rangeFrom,
      to: last.rangeTo,
    },
    pageToken: null,
    pageSize: 1,
    signal: control.signal,
  });
  return page.totalCount;
}

async function reopen({ sql }: OrderDependencies, slice: Slice, total: number): Promise<number> {
  if (slice.status === 'walked' && slice.walk < mostWalks) {
    const opened = await sql`
      update sync_slices set status = 'pending', walk = walk + 1, pages = 0, page_token = null, finished_at = null
      where slice_id = ${slice.sliceId} and status = 'walked'`;
    return opened.count;
  }
  const difference = { upstream_total: total, previous_total: slice.upstreamTotal ?? 0 };
  await sql`
    update sync_slices set status = 'different', difference = ${sql.json(difference)}
    where slice_id = ${slice.sliceId} and status = 'walked'`;
  return 0;
}
