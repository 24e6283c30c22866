import { expect } from 'vitest';
import { fault } from './support/fault.ts';

/** Slices, changes and the plan: each may have a call on its way when the first is refused. */
const lanes = 8;

fault(
  {
    id: 'E6',
    title: 'upstream refuses a parameter for good: no repetition, the run says which and what to do',
  },
  async ({ rig: start, seed }) => {
    const rig = await start({ orders: 3_000, seed });
    await rig.settings({ latency: 200 });
    const runId = await rig.syncUntil(0.1);
    const message = 'Invalid parameter: sort_field';
    const refusal = { kind: 'code', http_status: 400, code: 36009004, message };
    await rig.disturb({ ...refusal, route: 'order_search', times: null });
    const run = await rig.finished(runId);
    expect(run).toMatchObject({
      status: 'failed',
      error: { code: 'parameter-refused', action: expect.any(String) },
    });
    expect(run.error?.title).toContain('sort_field');
    const [calls = 0] = await rig.faultHits();
    expect(calls).toBeGreaterThan(0);
    expect(calls).toBeLessThanOrEqual(lanes);
    await rig.control('DELETE', '/faults');
    await rig.settings({ latency: 0 });
    await rig.act(runId, 'retry');
    expect(await rig.finished(runId)).toMatchObject({ run_id: runId, status: 'completed', error: null });
    return {
      done: 'a parameter refused in the middle of a full sync, then retried',
      verdict: await rig.verdict(),
      note: `${calls} refused calls`,
    };
  },
);
