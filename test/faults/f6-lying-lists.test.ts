import { expect } from 'vitest';
import type { StartedRun } from '../../src/sync/types.ts';
import { fault } from './support/fault.ts';

const lies = {
  'pages without rows that lead on': { kind: 'empty_page', after: 3, times: 5 },
  'totals that are too high': { kind: 'lying_total', delta: 7, times: null },
  'totals that are too low': { kind: 'lying_total', delta: -7, times: null },
  'totals that are missing': { kind: 'missing_total', times: null },
  'totals that are wrong now and then': { kind: 'lying_total', probability: 0.2 },
};

for (const [what, script] of Object.entries(lies)) {
  fault(
    { id: 'F6', title: `${what}: everything is stored, and what was not proven is proven once they end` },
    async ({ rig: start, seed }) => {
      const rig = await start({ orders: 2_000, seed });
      await rig.disturb({ route: 'order_search', ...script });
      const { run_id: runId } = await rig.start('shop-1', 'full');
      expect((await rig.finished(runId)).status).toMatch(/^completed/);
      const [hits = 0] = await rig.faultHits();
      expect(hits).toBeGreaterThan(0);
      expect(await rig.differences()).toEqual([]);
      await rig.control('DELETE', '/faults');
      const { run_id: comparison } = await rig.api.post<StartedRun>('/api/v1/shops/shop-1/reconcile', {});
      expect(await rig.finished(comparison)).toMatchObject({ status: 'completed' });
      return {
        done: `full sync with ${what}, ${hits} times, then a reconciliation`,
        verdict: await rig.verdict(),
      };
    },
  );
}
