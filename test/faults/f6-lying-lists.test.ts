import { expect } from 'vitest';
import type { StartedRun } from '../../src/sync/types.ts';
import { fault } from './support/fault.ts';

/** A shop for each. */
const lies = [
  { what: 'pages without rows that lead on', kind: 'empty_page', after: 3, times: 5 },
  { what: 'totals that are too high', kind: 'lying_total', delta: 7, times: null },
  { what: 'totals that are too low', kind: 'lying_total', delta: -7, times: null },
  { what: 'totals that are missing', kind: 'missing_total', times: null },
  { what: 'totals that are wrong now and then', kind: 'lying_total', probability: 0.2 },
];

fault(
  {
    id: 'F6',
    title:
      'empty pages and totals that lie: everything is stored, and what was not proven is proven once they end',
  },
  async ({ rig: start, seed }) => {
    const rig = await start({ orders: 2_000, shops: lies.length, seed });
    const shops = await rig.sql<{ id: string; tiktokId: string }[]>`
      select shop_id as id, tiktok_shop_id as "tiktokId" from shops order by shop_id`;
    await rig.disturb(
      ...lies.map(({ what: _, ...script }, nth) => ({
        ...script,
        route: 'order_search',
        shop_id: shops[nth]?.tiktokId,
      })),
    );
    const syncs: StartedRun[] = [];
    for (const { id } of shops) syncs.push(await rig.start(id, 'full'));
    for (const { run_id: runId } of syncs) expect((await rig.finished(runId)).status).toMatch(/^completed/);
    const hits = await rig.faultHits();
    for (const [nth, { what }] of lies.entries()) expect(hits[nth], what).toBeGreaterThan(0);
    expect(await rig.differences()).toEqual([]);

    await rig.control('DELETE', '/faults');
    for (const { id } of shops) {
      const { run_id: runId } = await rig.api.post<StartedRun>(`/api/v1/shops/${id}/reconcile`, {});
      expect(await rig.finished(runId)).toMatchObject({ status: 'completed' });
    }
    return {
      done: `full syncs with ${lies.map(({ what }, nth) => `${what} (${hits[nth]} times)`).join(', ')}, then reconciliations`,
      verdict: await rig.verdict(),
    };
  },
);
