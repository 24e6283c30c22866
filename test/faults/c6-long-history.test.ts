import { expect } from 'vitest';
import { fault } from './support/fault.ts';
import { mostEvents, temporalOfShortHistories } from './support/short-histories.ts';
import { executionsInOrder, payloadTexts, workflowEvents } from './support/workflow-events.ts';

const largestPayload = 64 * 1024;

fault(
  {
    id: 'C6',
    title: 'a workflow history that is full: the run goes on in a new execution, small and without an order',
  },
  async ({ rig: start, seed, cleanUp }) => {
    const rig = await start({
      orders: 9_000,
      seed,
      environment: {
        TIDELINE_TEMPORAL_BIN: await temporalOfShortHistories(cleanUp),
        TIDELINE_REQUESTS_PER_SECOND: '60',
        TIDELINE_PARALLEL_SLICES: '4',
      },
    });
    const { run_id: runId } = await rig.start('shop-1', 'full');
    await rig.until(async () => (await rig.fetched(runId)) > 4_000, 'nearly half is stored');
    expect(await rig.act(runId, 'pause')).toMatchObject({ status: 'paused' });
    expect(await rig.act(runId, 'resume')).toMatchObject({ status: 'running' });
    expect(await rig.finished(runId)).toMatchObject({ run_id: runId, status: 'completed', error: null });
    let executions: string[] = [];
    // The list of executions follows a moment later.
    await rig.until(async () => {
      executions = await executionsInOrder(rig, 'orderSync/shop-1');
      return executions.length > 1;
    }, 'the workflow has gone on anew');
    const payloads = payloadTexts(await workflowEvents(rig, 'orderSync/shop-1'));
    expect(payloads.length).toBeGreaterThan(mostEvents);
    expect(Math.max(...payloads.map((text) => text.length))).toBeLessThan(largestPayload);
    const ids = await rig.sql<{ id: string }[]>`select order_id as id from orders`;
    const orderIds = new Set(ids.map(({ id }) => id));
    expect(payloads.flatMap((text) => text.match(/\d{15,}/g) ?? []).filter((id) => orderIds.has(id))).toEqual(
      [],
    );
    await rig.record('orderSync-continued-first', 'orderSync/shop-1', executions[0]);
    await rig.record('orderSync-continued-last', 'orderSync/shop-1', executions.at(-1));
    return {
      done: `full sync with histories of ${mostEvents} events, paused and resumed`,
      verdict: await rig.verdict(),
      note: `${executions.length} executions`,
    };
  },
);
