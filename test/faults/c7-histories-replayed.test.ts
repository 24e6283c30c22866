import { DefaultLogger, Runtime } from '@temporalio/worker';
import { expect } from 'vitest';
import type { StartedRun } from '../../src/sync/types.ts';
import { recordedHistories, replay, replayRecorded } from '../support/replay.ts';
import { accept, judgeConversions, settled, startConversionRig } from './support/conversions.ts';
import { fault } from './support/fault.ts';

fault(
  {
    id: 'C7',
    title: 'every history that is stored, recorded earlier or made just now, is followed by the present code',
  },
  async (trial) => {
    Runtime.install({ logger: new DefaultLogger('ERROR') });
    const rig = await startConversionRig(trial);
    await rig.finished((await rig.start('shop-1', 'full')).run_id);
    await rig.change('shop-1', 'advance', 5);
    await rig.syncChanges();
    const { run_id: runId } = await rig.api.post<StartedRun>('/api/v1/shops/shop-1/reconcile', {});
    await rig.finished(runId);
    await rig.disturb({ kind: 'throttle', route: 'tiktok_events', in_body: true });
    const acknowledged = await accept(rig, 'event', 100);
    await settled(rig);

    const unlike: string[] = [];
    const types = new Set<string>();
    let stored = 0;
    // Those that are still on among them: their next step is taken by whatever code runs then.
    for await (const { type, workflowId, runId: executionId } of rig.temporal.workflow.list()) {
      const history = await rig.temporal.workflow.getHandle(workflowId, executionId).fetchHistory();
      await replay(history, workflowId).catch((error: unknown) => unlike.push(`${workflowId}: ${error}`));
      types.add(type);
      stored += 1;
    }
    expect([...types]).toEqual(expect.arrayContaining(['orderSync', 'reconciliation', 'conversionDelivery']));
    const recorded = recordedHistories();
    for (const file of recorded)
      await replayRecorded(file).catch((error: unknown) => unlike.push(`${file}: ${error}`));
    const orders = await rig.verdict();
    const events = await judgeConversions(rig, acknowledged);
    return {
      done: `${stored} stored histories of ${types.size} workflow types and ${recorded.length} recorded ones replayed`,
      verdict: {
        ...orders,
        lost: orders.lost + events.lost,
        doubled: orders.doubled + events.doubled,
        differences: [...orders.differences, ...events.differences, ...unlike],
      },
    };
  },
);
