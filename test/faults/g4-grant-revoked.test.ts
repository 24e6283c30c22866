import { expect } from 'vitest';
import { fault } from './support/fault.ts';
import { countRepeats, sliceOf } from './support/verdict.ts';

const orders = 3_000;
/** Of a slice: those that were answered but not yet stored when the access ended. */
const mostRefetchedPages = 2;

fault(
  {
    id: 'G4',
    title: 'a seller takes the access back: the shop waits, its time to erasure runs, others are read on',
  },
  async ({ rig: start, seed }) => {
    const rig = await start({ orders, shops: 2, seed, simulator: ['--sellers', '2'] });
    await rig.connectSeller(1);
    await rig.settings({ latency: 150 });
    const other = await rig.start('shop-1', 'full');
    const runId = await rig.syncUntil(0.2, 'shop-2');
    await rig.control('POST', '/grants/1/revoke');
    await rig.until(async () => (await rig.run(runId)).status === 'paused', 'its run is paused');
    expect(await rig.fetched(runId)).toBeLessThan(orders);
    expect(await rig.api.get('/api/v1/shops/shop-2')).toMatchObject({
      status: 'parked',
      last_error: { action: expect.any(String) },
    });
    expect(await rig.sql`select 1 from shops where access_ended_at is not null`).toHaveLength(1);
    await expect(rig.start('shop-2', 'full')).rejects.toThrow(/409/);
    expect(await rig.finished(other.run_id)).toMatchObject({ status: 'completed', error: null });
    expect(await rig.api.get('/api/v1/shops/shop-1')).toMatchObject({ status: 'active' });

    await rig.settings({ latency: 0 });
    await rig.connectSeller(1);
    expect(await rig.finished(runId)).toMatchObject({ run_id: runId, status: 'completed', error: null });
    expect(await rig.sql`select 1 from shops where access_ended_at is not null`).toHaveLength(0);
    const history = await rig.journal();
    for (const slice of new Set(history.map(sliceOf))) {
      const calls = history.filter((call) => sliceOf(call) === slice);
      expect(countRepeats(calls)).toBeLessThanOrEqual(mostRefetchedPages);
    }
    return {
      done: 'access taken back in a full sync, beside another shop, then given again',
      verdict: await rig.verdict({ history }),
    };
  },
);
