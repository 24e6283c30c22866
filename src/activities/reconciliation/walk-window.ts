import {
  clearRemains,
  comparePage,
  countAbsent,
  countStored,
  findUnexpected,
} from '../../db/queries/compared-orders.ts';
import { recordCoverage } from '../../db/queries/coverage.ts';
import { recordLateCommits } from '../../db/queries/late-commits.ts';
import {
  type ComparedWindow,
  countFindings,
  insertFindings,
  type Reconciliation,
  settleWindow,
} from '../../db/queries/reconciliations.ts';
import { claimSlice, finishSlice, insertSlices, restartWalk, type Slice } from '../../db/queries/slices.ts';
import { type OrderPage, readOrderPage } from '../../sources/tiktok-shop/streams/orders/index.ts';
import type { ActivityControl, OrderDependencies } from '../orders/dependencies.ts';
import { keepChanges, type ReadPage } from '../orders/read-page.ts';
import { type WalkResult, walkPages } from '../orders/walk.ts';
import type { ReconciliationDependencies } from './dependencies.ts';

/** Walks over one window before it is called different. */
const mostWalks = 3;

/**
 * Reads the orders of a window, notes which of them are missing or stored in another version, and stores those. A
 * window of a gap that adds up is entered into the ledger. Orders stored here that upstream no longer lists are noted
 * and left alone.
 */
export async function walkWindow(
  dependencies: ReconciliationDependencies,
  control: ActivityControl,
  plan: Reconciliation,
  window: ComparedWindow,
): Promise<{ totalIsTrue: boolean }> {
  const { sql } = dependencies;
  const { runId, shopId } = plan;
  const { windowId, axis, from, to } = window;
  const storedCount = await countStored(sql, shopId, window);
  const { slice, walk, absent, stable } = await walkUntilStable(dependencies, control, plan, window);
  // A list that came to its end says what upstream has, whatever its total.
  if (walk.ended && walk.steady && absent === 0 && axis === 'create_time') {
    const unexpected = await findUnexpected(sql, shopId, window, walk.ids);
    const findings = unexpected.map((recordId) => ({ recordId, kind: 'unexpected' as const }));
    await insertFindings(sql, runId, windowId, findings);
  }
  const { unexpected, repaired } = await countFindings(sql, windowId);
  const difference = {
    upstream_total: walk.lastTotal,
    listed: walk.ids.size,
    not_stored: absent,
    unexpected,
    list_ended: walk.ended ? 1 : 0,
  };
  const different = !stable || unexpected > 0;
  await sql.begin(async (tx) => {
    await finishSlice(tx, slice, {
      status: stable ? 'sealed' : 'different',
      upstreamTotal: walk.lastTotal,
      storedTotal: walk.ids.size - absent,
      ...(stable ? {} : { difference }),
    });
    if (stable && window.reason === 'gap') {
      await recordCoverage(tx, { shopId, stream: 'orders', axis, from, to, runId, sliceId: slice.sliceId });
    }
    await settleWindow(tx, windowId, {
      status: different ? 'different' : repaired > 0 ? 'repaired' : 'equal',
      upstreamCount: walk.ids.size,
      storedCount,
      ...(different ? { difference } : {}),
    });
  });
  return { totalIsTrue: !walk.ended || walk.ids.size === walk.lastTotal };
}

interface WalkedWindow {
  slice: Slice;
  walk: WalkResult;
  /** Ids that were listed and are neither stored nor set aside. */
  absent: number;
  /** The list ended, adds up to its total, and all of it is stored. */
  stable: boolean;
}

async function walkUntilStable(
  dependencies: ReconciliationDependencies,
  control: ActivityControl,
  plan: Reconciliation,
  window: ComparedWindow,
): Promise<WalkedWindow> {
  const { sql } = dependencies;
  const { runId, shopId } = plan;
  const { axis, from: rangeFrom, to: rangeTo } = window;
  const [sliceId] = await insertSlices(sql, [{ runId, axis, rangeFrom, rangeTo, sealTo: rangeTo }]);
  let slice = sliceId === undefined ? null : await claimSlice(sql, runId, sliceId);
  const known = new Set<string>();
  while (true) {
    if (slice === null) throw new Error(`Run ${runId} is no longer running.`);
    const walk = await walkPages(dependencies, control, {
      slice,
      shopId,
      read: readComparedPage(plan, window),
    });
    const news = [...walk.ids].filter((id) => !known.has(id)).length;
    for (const id of walk.ids) known.add(id);
    const absent = await countAbsent(sql, shopId, walk.ids);
    const adds = walk.ended && walk.ids.size === walk.lastTotal && absent === 0;
    // Rows that leave a window of update time shift the pages behind them.
    const undisturbed = walk.pages === 1 || walk.steady || news === 0;
    if ((adds && undisturbed) || slice.walk >= mostWalks) {
      return { slice, walk, absent, stable: adds && undisturbed };
    }
    slice = await restartWalk(sql, slice);
  }
}

/** A page of which what is missing or old is noted before it is stored. */
function readComparedPage(plan: Reconciliation, window: ComparedWindow): ReadPage {
  return async (dependencies, request) => {
    const { records, ...page } = await readOrderPage(dependencies.client, { ...request, lane: 'history' });
    const keep = async () => {
      await noteDifferences(dependencies, plan, window, records);
      return keepChanges(dependencies, plan.shopId, records);
    };
    return { ...page, recordIds: records.map((record) => record.recordId), keep };
  };
}

async function noteDifferences(
  { sql }: OrderDependencies,
  { runId, shopId, watermark }: Reconciliation,
  { windowId }: ComparedWindow,
  records: OrderPage['records'],
): Promise<void> {
  const { missing, outdated, silent } = await comparePage(sql, shopId, records);
  // What changed after the watermark is not late: the next incremental sync would have brought it.
  const due = outdated.filter((order) => order.updateTime < watermark);
  const dueMissing = missing.filter((record) => record.kind !== 'order' || record.updateTime < watermark);
  await recordLateCommits(
    sql,
    shopId,
    [...due, ...dueMissing].flatMap((record) =>
      record.kind === 'order'
        ? [{ recordId: record.recordId, updateTime: record.updateTime, missing: dueMissing.includes(record) }]
        : [],
    ),
  );
  await insertFindings(sql, runId, windowId, [
    ...dueMissing.map(({ recordId }) => ({ recordId, kind: 'missing' as const })),
    ...[...due, ...silent].map(({ recordId }) => ({ recordId, kind: 'changed' as const })),
  ]);
  if (missing.length > 0) {
    await clearRemains(
      sql,
      shopId,
      missing.map(({ recordId }) => recordId),
    );
  }
}
