import type { Sql } from '../../db/pool.ts';
import { rankOrders } from '../../db/queries/compared-ranges.ts';
import { type RawPage, readRawPages } from '../../db/queries/raw-pages.ts';
import {
  advanceCheck,
  insertFindings,
  insertWindows,
  loadReconciliation,
} from '../../db/queries/reconciliations.ts';
import {
  distrustRows,
  findDamaged,
  nextStoredRows,
  type ProvenOrder,
  restoreFromPages,
  type StoredRow,
} from '../../db/queries/stored-rows.ts';
import { type MappedOrder, mapOrder } from '../../sources/tiktok-shop/streams/orders/map.ts';
import { rangesAround } from '../../sync/reconciling.ts';
import type { ActivityControl } from '../orders/dependencies.ts';
import type { ReconciliationDependencies } from './dependencies.ts';

const rowsAtOnce = 1_000;

/**
 * Holds every stored order against the page that it came from, without a call: a row that was changed in the
 * database is written again from its page. Where the page itself is gone or unreadable, the order is asked for again.
 * Goes on where it stopped.
 */
export async function checkStoredRows(
  { sql }: ReconciliationDependencies,
  control: ActivityControl,
  runId: string,
): Promise<void> {
  const plan = await loadReconciliation(sql, runId);
  if (plan === null || plan.checkedAll) return;
  const { shopId, checkedCreatedAt: createdAt, checkedOrderId: orderId } = plan;
  let after = createdAt === null || orderId === null ? null : { createdAt, orderId };
  let pages = new Map<number, RawPage>();
  while (true) {
    control.signal.throwIfAborted();
    const rows = await nextStoredRows(sql, shopId, after, rowsAtOnce);
    const last = rows.at(-1);
    if (last === undefined) break;
    pages = await pagesOf(sql, shopId, rows, pages);
    await checkRows(sql, { runId, shopId }, rows, pages);
    after = { createdAt: last.createdAt, orderId: last.orderId };
    await advanceCheck(sql, runId, { ...after, rows: rows.length });
    control.heartbeat({ checked: last.orderId });
  }
  await advanceCheck(sql, runId, 'all');
}

/** Neighbours in time mostly lie in the same pages: those of the rows before are kept. */
async function pagesOf(
  sql: Sql,
  shopId: string,
  rows: readonly StoredRow[],
  known: ReadonlyMap<number, RawPage>,
): Promise<Map<number, RawPage>> {
  const wanted = [...new Set(rows.map((row) => row.pageId))];
  const read = await readRawPages(
    sql,
    shopId,
    wanted.filter((pageId) => !known.has(pageId)),
  );
  const kept = wanted.flatMap((pageId) => {
    const page = known.get(pageId);
    return page === undefined ? [] : [[pageId, page] as const];
  });
  return new Map([...kept, ...read]);
}

async function checkRows(
  sql: Sql,
  { runId, shopId }: { runId: string; shopId: string },
  rows: readonly StoredRow[],
  pages: ReadonlyMap<number, RawPage>,
): Promise<void> {
  const proven: ProvenOrder[] = [];
  const unproven: string[] = [];
  for (const row of rows) {
    const order = provenOrder(row, pages.get(row.pageId));
    if (order === null) unproven.push(row.orderId);
    else proven.push(order);
  }
  const damaged = await findDamaged(sql, shopId, proven);
  const mendable = proven.filter(({ mapped }) => damaged.has(mapped.recordId));
  const found = [...mendable.map(({ mapped }) => mapped.recordId), ...unproven];
  await insertFindings(
    sql,
    runId,
    null,
    found.map((recordId) => ({ recordId, kind: 'damaged' })),
  );
  if (mendable.length > 0) await restoreFromPages(sql, shopId, mendable);
  if (unproven.length === 0) return;
  await distrustRows(sql, shopId, unproven);
  const ranges = rangesAround(await rankOrders(sql, shopId, unproven));
  await insertWindows(
    sql,
    runId,
    ranges.map((range) => ({ axis: 'create_time', reason: 'stored_row', ...range })),
  );
}

/** The order as its page has it; null where the page does not prove it. */
function provenOrder(row: StoredRow, page: RawPage | undefined): ProvenOrder | null {
  const { pageId, pageIndex } = row;
  const record = page?.records?.[pageIndex];
  if (page === undefined || record === undefined) return null;
  const mapped = mapOrder(record);
  if (mapped.kind !== 'order' || mapped.recordId !== row.orderId) return null;
  return { pageId, pageIndex, observedAt: page.observedAt, mapped: hashedAs(mapped, row.erasedHash) };
}

/** The hash of an erased order stays that of TikTok's answer, which its page no longer holds. */
function hashedAs(mapped: MappedOrder, hash: string | null): MappedOrder {
  if (hash === null) return mapped;
  const rowHash = BigInt(hash);
  return { ...mapped, rowHash, order: { ...mapped.order, row_hash: rowHash } };
}
