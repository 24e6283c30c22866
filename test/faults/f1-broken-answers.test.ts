import { expect } from 'vitest';
import { fault } from './support/fault.ts';

const broken = ['malformed_json', 'truncated_json', 'truncated', 'bad_gzip'];
const callsOfEach = 4;

fault(
  {
    id: 'F1',
    title:
      'answers that are no JSON, are cut off or say gzip and are not: each is asked for again, and shown as such',
  },
  async ({ rig: start, seed }) => {
    const rig = await start({ orders: 3_000, seed });
    const script = { route: 'order_search', after: 4, times: callsOfEach };
    await rig.disturb(...broken.map((kind) => ({ ...script, kind })));
    const { run_id: runId } = await rig.start('shop-1', 'full');
    expect(await rig.finished(runId)).toMatchObject({ status: 'completed', error: null });
    expect(await rig.faultHits()).toEqual(broken.map(() => callsOfEach));
    // The log of calls is written in batches.
    await rig.until(async () => (await failedCalls()) === broken.length * callsOfEach, 'each is logged');
    return {
      done: `${broken.length * callsOfEach} broken answers in a full sync`,
      verdict: await rig.verdict(),
    };

    /** Calls of the run that the log of calls does not call fine. */
    async function failedCalls(): Promise<number> {
      const [row] = await rig.sql<{ count: number }[]>`
        select count(*) as count from api_calls where run_id = ${runId} and outcome <> 'ok'`;
      return row?.count ?? 0;
    }
  },
);

fault(
  { id: 'F1', title: 'a byte order mark before every answer: read all the same, without a repetition' },
  async ({ rig: start, seed }) => {
    const rig = await start({ orders: 1_000, seed });
    await rig.disturb({ route: 'order_search', kind: 'bom', times: null });
    const { run_id: runId } = await rig.start('shop-1', 'full');
    expect(await rig.finished(runId)).toMatchObject({ status: 'completed', error: null });
    const calls = await rig.journal();
    expect(calls.filter(({ fault: met }) => met === 'bom').length).toBeGreaterThan(10);
    const verdict = await rig.verdict({ history: calls });
    expect(verdict.refetched).toBe(0);
    return { done: 'full sync with a byte order mark before every answer', verdict };
  },
);
