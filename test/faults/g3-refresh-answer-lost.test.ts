import { expect } from 'vitest';
import { fault } from './support/fault.ts';
import { refreshes } from './support/grants.ts';

/** As many as one refresh makes: src/shops/token-refresher.ts. */
const tries = 3;

fault(
  {
    id: 'G3',
    title:
      'the answer to a refresh is lost: asked for again, or, where the old token is dead, the seller is asked',
  },
  async ({ rig: start, seed }) => {
    for (const fate of ['kept', 'replaced']) {
      const rig = await start({ orders: 2_000, seed, simulator: ['--old-refresh-token', fate] });
      await rig.settings({ latency: 150 });
      const before = await refreshes(rig);
      const runId = await rig.syncUntil(0.2);
      await rig.disturb({ kind: 'lost_answer', route: 'token_refresh', times: 1 });
      await rig.control('POST', '/grants/0/expire-access');
      if (fate === 'replaced') {
        await rig.until(async () => (await rig.run(runId)).status === 'paused', 'the run is paused');
        expect(await rig.api.get('/api/v1/shops/shop-1')).toMatchObject({
          status: 'parked',
          last_error: { action: expect.any(String) },
        });
        await rig.connectSeller(0);
      }
      await rig.settings({ latency: 0 });
      expect(await rig.finished(runId)).toMatchObject({ run_id: runId, status: 'completed', error: null });
      const asked = (await refreshes(rig)) - before;
      expect(asked).toBeGreaterThan(1);
      expect(asked).toBeLessThanOrEqual(tries);
      const verdict = await rig.verdict();
      if (fate === 'replaced' || verdict.differences.length > 0) {
        return { done: 'a refresh answer lost, the old token kept and replaced', verdict };
      }
    }
    throw new Error('Unreachable: the last fate returns.');
  },
);
