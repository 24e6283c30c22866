import { readdirSync, readFileSync } from 'node:fs';
import type { temporal as proto } from '@temporalio/proto';
import { Worker } from '@temporalio/worker';
import { workflowBundlePath } from '../../src/worker/build-bundle.ts';
import { historiesFolder, readHistory } from './sync-rig.ts';

/** Whose the recorded histories are: workflows that know their own id have to be given it. */
const workflowIds: Record<string, string> = {
  orderSync: 'orderSync/shop-1',
  productSync: 'productSync/shop-1',
  analyticsBackfill: 'analyticsBackfill/shop-1',
  reconciliation: 'reconciliation/shop-1',
  conversionDelivery: 'conversionDelivery/tiktok',
};

/** The files of recorded histories, each named after its workflow type and what happened in it. */
export function recordedHistories(): string[] {
  return readdirSync(historiesFolder).filter((name) => name.endsWith('.json'));
}

/**
 * Lets the present code follow a history.
 *
 * @throws DeterminismViolationError where it does something else
 */
export async function replay(
  history: proto.api.history.v1.IHistory,
  workflowId: string | undefined,
  change: (code: string) => string = (code) => code,
): Promise<void> {
  const code = change(readFileSync(workflowBundlePath, 'utf8'));
  await Worker.runReplayHistory({ workflowBundle: { code } }, history, workflowId);
}

/** As {@link replay}, with a recorded one. */
export function replayRecorded(file: string, change?: (code: string) => string): Promise<void> {
  return replay(readHistory(file), workflowIds[file.split(/[-.]/)[0] ?? ''], change);
}
