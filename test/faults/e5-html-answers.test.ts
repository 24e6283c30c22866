import { expect } from 'vitest';
import { fault } from './support/fault.ts';

fault(
  { id: 'E5', title: 'HTTP 502 with a page of HTML in place of some answers: each is asked for again' },
  async ({ rig: start, seed }) => {
    const rig = await start({ orders: 3_000, seed });
    await rig.disturb({ kind: 'html', route: 'order_search', after: 4, times: 12 });
    const { run_id: runId } = await rig.start('shop-1', 'full');
    expect(await rig.finished(runId)).toMatchObject({ status: 'completed', error: null });
    expect(await rig.faultHits()).toEqual([12]);
    return { done: '12 answers of a full sync were HTML', verdict: await rig.verdict() };
  },
);

fault(
  {
    id: 'E5',
    title: 'nothing but pages of HTML: shown as trouble of upstream, without the page, until it is well',
    // A run shows its trouble when a second attempt has failed, which takes a minute of backing off.
    long: true,
  },
  async ({ rig: start, seed }) => {
    const rig = await start({ orders: 3_000, seed });
    await rig.settings({ latency: 100 });
    const runId = await rig.syncUntil(0.1);
    await rig.disturb({ kind: 'html', route: 'order_search', times: null });
    await rig.until(async () => (await rig.run(runId)).error !== null, 'the run shows its trouble');
    const { status, error } = await rig.run(runId);
    expect(status).toBe('running');
    expect(error).toMatchObject({ code: 'upstream-unavailable', action: expect.any(String) });
    expect(JSON.stringify(error)).not.toMatch(/<|html/i);
    await rig.control('DELETE', '/faults');
    await rig.settings({ latency: 0 });
    expect(await rig.finished(runId)).toMatchObject({ status: 'completed', error: null });
    return { done: 'HTML instead of every answer until the run showed it', verdict: await rig.verdict() };
  },
);
