import { join } from 'node:path';
import { expect } from 'vitest';
import { runCommand } from '../support/command.ts';
import { fault, type Trial } from './support/fault.ts';
import type { FaultRig } from './support/fault-rig.ts';
import { embeddedEnvironment, startAgain } from './support/own-start.ts';

const orders = 1_500;

fault(
  {
    id: 'B8',
    title: 'a backup from before many changes is restored: the next sync reads on from its watermark',
  },
  async (trial) => {
    const rig = await trial.rig({ orders, seed: trial.seed });
    expect((await rig.finished((await rig.start('shop-1', 'full')).run_id)).status).toBe('completed');
    const before = await rig.watermark('shop-1');
    const backup = await backUp(rig);
    await liveOn(rig);
    expect(await rig.watermark('shop-1')).toBeGreaterThan(before ?? 0);

    await restoreAndStart(trial, rig, backup);
    expect(await rig.watermark('shop-1')).toBe(before);
    const { mode, run_id: runId } = await rig.start('shop-1', 'incremental');
    expect(mode).toBe('incremental');
    expect(await rig.finished(runId)).toMatchObject({ status: 'completed', error: null });
    return { done: `restored a backup that lacked two incremental syncs`, verdict: await rig.verdict() };
  },
);

fault(
  { id: 'B8', title: 'a backup from the middle of a full sync is restored after its end: the run goes on' },
  async (trial) => {
    const rig = await trial.rig({ orders, seed: trial.seed });
    await rig.settings({ latency: 300 });
    const runId = await rig.syncUntil(0.3);
    // So that the run is still on when the backup is made, however long that takes here.
    await rig.settings({ latency: 15_000 });
    const backup = await backUp(rig);
    await rig.settings({ latency: 0 });
    expect(await rig.finished(runId)).toMatchObject({ status: 'completed' });
    await liveOn(rig);

    await restoreAndStart(trial, rig, backup);
    expect(await rig.fetched(runId)).toBeLessThan(orders);
    const asked = await rig.start('shop-1', 'incremental');
    expect(asked).toMatchObject({ run_id: runId, mode: 'full', already_running: true });
    expect(await rig.finished(runId)).toMatchObject({ status: 'completed', error: null });
    return {
      done: 'restored a backup from the middle of a full sync that had ended',
      verdict: await rig.verdict(),
    };
  },
);

async function backUp(rig: FaultRig): Promise<string> {
  const file = join(rig.dataDirectory, 'shop.backup');
  const result = await runCommand(['backup', file, '--json'], embeddedEnvironment(rig));
  expect(result, result.stderr).toMatchObject({ code: 0 });
  expect(JSON.parse(result.stdout)).toMatchObject({ file, rows: expect.any(Number) });
  return file;
}

/** The shop changes, and two incremental syncs read it. */
async function liveOn(rig: FaultRig): Promise<void> {
  for (const kind of ['advance', 'new']) {
    await rig.change('shop-1', kind, 60);
    const { run_id: runId } = await rig.start('shop-1', 'incremental');
    expect((await rig.finished(runId)).status).toBe('completed');
  }
  await rig.change('shop-1', 'advance', 40);
}

async function restoreAndStart(trial: Trial, rig: FaultRig, file: string): Promise<void> {
  const refused = await runCommand(['restore', file, '--replace'], embeddedEnvironment(rig));
  expect(refused, refused.stderr).toMatchObject({ code: 1, stderr: expect.stringContaining('already runs') });
  await rig.running.stop();
  const kept = await runCommand(['restore', file], embeddedEnvironment(rig));
  expect(kept, kept.stderr).toMatchObject({ code: 1, stderr: expect.stringContaining('--replace') });
  const restored = await runCommand(['restore', file, '--replace', '--json'], embeddedEnvironment(rig));
  expect(restored, restored.stderr).toMatchObject({ code: 0 });
  await startAgain(trial, rig);
}
