import { setTimeout as sleep } from 'node:timers/promises';
import type { StartedRun } from '../../src/sync/types.ts';
import type { Rig } from './rig.ts';

/**
 * Syncs all orders of shop-1 and waits until nothing is left to do for them: what is measured afterwards shares the
 * machine with no roll-up of statistics, and with no sync that comes due, whose run would answer a request of ours.
 */
export async function fillShop(rig: Rig): Promise<void> {
  for (const stream of ['orders', 'products', 'analytics', 'reconcile']) {
    await rig.api.put(`/api/v1/shops/shop-1/schedules/${stream}`, { paused: true });
  }
  const { run_id: runId } = await rig.api.post<StartedRun>('/api/sync/orders/full', {});
  while (true) {
    const { status } = await rig.api.get<{ status: string }>(`/api/v1/syncs/${runId}`);
    if (status === 'completed') break;
    if (status !== 'running' && status !== 'queued') throw new Error(`The full sync ended as ${status}.`);
    await sleep(500);
  }
  const marked = () => rig.sql`select 1 from order_day_marks limit 1`;
  while ((await marked()).length > 0) await sleep(250);
  // What autovacuum does within its minute after a load, so that the minute need not be waited for.
  await rig.sql`vacuum analyze`;
}
