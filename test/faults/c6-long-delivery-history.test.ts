import { expect } from 'vitest';
import { wakeDelivery } from '../../src/conversions/wake-delivery.ts';
import { accept, judgeConversions, settled, startConversionRig } from './support/conversions.ts';
import { fault } from './support/fault.ts';
import type { FaultRig } from './support/fault-rig.ts';
import { temporalOfShortHistories } from './support/short-histories.ts';
import { executionsInOrder, payloadTexts, workflowEvents } from './support/workflow-events.ts';

const workflowId = 'conversionDelivery/tiktok';
const eventsAtOnce = 50;
/** Signals that come while the workflow may be about to end its execution: none of them may be lost with it. */
const signalsAtOnce = 20;
const largestPayload = 1_024;

fault(
  {
    id: 'C6',
    title: 'the history of a delivery is full under load: it goes on anew, and nothing is sent twice or left',
    times: { quick: 3, full: 20 },
  },
  async (trial) => {
    const binary = await temporalOfShortHistories(trial.cleanUp);
    const rig = await startConversionRig(trial, { TIDELINE_TEMPORAL_BIN: binary });
    const acknowledged: string[] = [];
    let executions: string[] = [];
    await rig.until(async () => {
      const flood = Array.from({ length: signalsAtOnce }, () => wakeDelivery(rig.temporal, 'tiktok'));
      acknowledged.push(...(await accept(rig, `e${acknowledged.length}-`, eventsAtOnce)));
      await Promise.all(flood);
      // As long as there is more to send one activity goes on, and only between two can the workflow go on anew.
      await rig.until(() => isWaiting(rig), 'the delivery waits for more');
      executions = await executionsInOrder(rig, workflowId);
      return executions.length > trial.times;
    }, 'the delivery has gone on anew often enough');
    await settled(rig);
    const payloads = payloadTexts(await workflowEvents(rig, workflowId));
    expect(Math.max(...payloads.map((text) => text.length))).toBeLessThan(largestPayload);
    expect(payloads.filter((text) => /example\.com|e\d+-\d+/.test(text))).toEqual([]);
    await rig.record('conversionDelivery-continued-first', workflowId, executions[0]);
    await rig.record('conversionDelivery-continued-next', workflowId, executions[1]);
    return {
      done: `${acknowledged.length} events to each of three platforms, the first of them in ${executions.length} executions`,
      verdict: await judgeConversions(rig, acknowledged),
    };
  },
);

async function isWaiting(rig: FaultRig): Promise<boolean> {
  const { raw } = await rig.temporal.workflow.getHandle(workflowId).describe();
  return (raw.pendingActivities ?? []).length === 0;
}
