import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type SyncRig, startSyncRig } from '../support/sync-rig.ts';

const orders = 8_000;

let rig: SyncRig;

beforeAll(async () => {
  rig = await startSyncRig(['--orders-count', String(orders), '--seed', '7', '--page-tokens', 'shifting'], {
    TIDELINE_PARALLEL_SLICES: '6',
  });
  await rig.connectSeller(0);
});

afterAll(async () => {
  await rig.stop();
});

it('a full sync stands still while it is paused, and survives SIGTERM of its worker', async () => {
  await rig.control('POST', '/settings', { latency: 250 });
  const { run_id: runId } = await rig.start('shop-1', 'full');
  await rig.until(async () => (await rig.fetched(runId)) >= orders * 0.2, 'a fifth of the orders is stored');
  expect(await rig.act(runId, 'pause')).toMatchObject({ status: 'paused' });
  const before = await rig.fetched(runId);
  await sleep(1_500);
  expect(await rig.fetched(runId)).toBe(before);
  expect(await rig.act(runId, 'resume')).toMatchObject({ status: 'running' });
  await rig.until(async () => (await rig.fetched(runId)) >= orders * 0.5, 'half of the orders is stored');
  process.kill(rig.pidOf('worker'), 'SIGTERM');
  expect(await rig.finished(runId)).toMatchObject({ status: 'completed', error: null });
  await rig.expectEverything('shop-1');
});
