import {
  claimSlice,
  countWalked,
  finishSlice,
  restartWalk,
  type Slice,
  splitSlice,
} from '../../db/queries/slices.ts';
import { cutRange, partsOf } from '../../sync/slicing.ts';
import type { ActivityControl, OrderDependencies } from './dependencies.ts';
import { readHistoryPage } from './read-page.ts';
import { walkPages } from './walk.ts';

/** Walks of one slice before it is called different. */
const mostWalks = 3;

export interface WalkSliceInput {
  shopId: string;
  runId: string;
  sliceId: number;
  /** Orders that a slice should hold; one with more than twice as many is split. */
  targetSize: number;
}

export interface WalkSliceResult {
  outcome: 'walked' | 'split' | 'different' | 'gone';
  /** The smaller slices, when it was split. */
  parts: number[];
}

/**
 * Reads one slice of a shop's history to its end, resuming at its cursor of record. A slice that turns out too big
 * is replaced by smaller ones; one whose ids do not add up to upstream's total is walked again, three times at most.
 */
export async function walkSlice(
  dependencies: OrderDependencies,
  control: ActivityControl,
  input: WalkSliceInput,
): Promise<WalkSliceResult> {
  const { sql } = dependencies;
  const { shopId } = input;
  let slice = await claimSlice(sql, input.runId, input.sliceId);
  if (slice === null) return { outcome: 'gone', parts: [] };

  while (true) {
    const range = { axis: slice.axis, from: slice.rangeFrom, to: slice.rangeTo };
    const { signal } = control;
    const { runId, pageToken } = slice;
    const first = await readHistoryPage(dependencies, { shopId, runId, range, pageToken, signal });
    if (slice.pages === 0 && slice.walk === 1) {
      const parts = await splitIfTooBig(dependencies, slice, first.totalCount, input.targetSize);
      if (parts.length > 0) return { outcome: 'split', parts };
    }
    const walk = await walkPages(dependencies, control, { slice, shopId, read: readHistoryPage, first });
    const { distinct, absent } = await countWalked(sql, slice, shopId);
    const complete = walk.ended && distinct === walk.lastTotal && absent === 0;
    const counted = { upstreamTotal: walk.lastTotal, storedTotal: distinct - absent };
    if (complete) {
      await finishSlice(sql, slice, { status: 'walked', ...counted });
      return { outcome: 'walked', parts: [] };
    }
    if (slice.walk >= mostWalks) {
      const difference = { upstream_total: walk.lastTotal, distinct, absent };
      await finishSlice(sql, slice, { status: 'different', ...counted, difference });
      return { outcome: 'different', parts: [] };
    }
    slice = await restartWalk(sql, slice);
    if (slice === null) return { outcome: 'gone', parts: [] };
  }
}

async function splitIfTooBig(
  { sql }: OrderDependencies,
  slice: Slice,
  total: number,
  targetSize: number,
): Promise<number[]> {
  const range = { from: slice.rangeFrom, to: slice.rangeTo };
  const parts = partsOf(total, targetSize, range);
  if (parts === 1) return [];
  const { runId, axis, sliceId } = slice;
  return splitSlice(
    sql,
    slice,
    cutRange(range, parts).map(({ from, to }) => ({
      runId,
      axis,
      parentSliceId: sliceId,
      rangeFrom: from,
      rangeTo: to,
    })),
  );
}
