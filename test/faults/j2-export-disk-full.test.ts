import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Run } from '../../src/sync/types.ts';
import { runCommand } from '../support/command.ts';
import { fault } from './support/fault.ts';
import type { FaultRig } from './support/fault-rig.ts';

const path = '/api/v1/shops/shop-1/orders';

function lacksMounts(): string | null {
  if (process.getuid?.() !== 0) return 'a volume of its own needs root';
  const trial = spawnSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']);
  return trial.status === 0 ? null : 'this machine does not let us mount a volume';
}

fault(
  {
    id: 'J2',
    title:
      'the disk of exports is full in a full sync: the export says so and leaves nothing, the sync does not notice; ' +
      'with room again exports survive the death of their worker',
    lacks: lacksMounts,
  },
  async ({ rig: start, seed, cleanUp }) => {
    const volume = mkdtempSync(join(tmpdir(), 'tideline-exports-'));
    mount('mount', '-t', 'tmpfs', '-o', 'size=64k,mode=1777', 'tmpfs', volume);
    cleanUp(() => {
      mount('umount', volume);
      rmSync(volume, { recursive: true });
    });
    const directory = join(volume, 'exports');
    const rig = await start({ orders: 3_000, seed, environment: { TIDELINE_EXPORT_DIR: directory } });
    await rig.settings({ latency: 200 });
    const sync = await rig.syncUntil(0.4);
    const full = await rig.finished(await startExport(rig));
    expect(full).toMatchObject({ status: 'failed', error: { code: 'export-disk-full' } });
    expect(readdirSync(directory)).toEqual([]);
    await rig.settings({ latency: 0 });
    expect(await rig.finished(sync)).toMatchObject({ status: 'completed', error: null });

    mount('mount', '-o', 'remount,size=64m', volume);
    const unlock = await lockLines(rig);
    const survivor = await startExport(rig);
    await running(rig, survivor);
    await rig.kill('worker');
    await unlock();
    expect(await rig.finished(survivor)).toMatchObject({ status: 'completed', counts: { written: 3_000 } });
    const stored = await download(rig, `/api/v1/exports/${survivor}/file`);
    expect(Buffer.compare(stored, await download(rig, `${path}?format=csv`))).toBe(0);
    const output = join(volume, 'by-command.csv');
    const command = ['export', 'orders', '--shop', 'shop-1', '--output', output, '--json'];
    const { code, stdout, stderr } = await runCommand(command, rig.processEnvironment);
    expect([code, stderr.includes('    at ')]).toEqual([0, false]);
    expect(JSON.parse(stdout)).toEqual({ file: output, bytes: stored.length });
    expect(Buffer.compare(readFileSync(output), stored)).toBe(0);
    await rig.record('listExport', `listExport/${survivor}`);

    const unlockAgain = await lockLines(rig);
    const unwanted = await startExport(rig);
    await running(rig, unwanted);
    await rig.act(unwanted, 'cancel');
    await unlockAgain();
    expect(await rig.finished(unwanted)).toMatchObject({ status: 'cancelled', error: null });
    expect(readdirSync(directory)).toHaveLength(1);
    return {
      done: 'an export on a full disk in a full sync, one whose worker was killed, one cancelled',
      verdict: await rig.verdict(),
    };
  },
);

async function startExport(rig: FaultRig): Promise<string> {
  return (await rig.api.post<{ run_id: string }>('/api/v1/exports', { path, format: 'csv' })).run_id;
}

function running(rig: FaultRig, runId: string): Promise<void> {
  return rig.until(async () => {
    const run: Run = await rig.run(runId);
    return run.status === 'running' && run.progress?.orders_expected === 3_000;
  }, 'the export is under way');
}

/** Holds whoever reads line items up; returns how to let them go. */
async function lockLines(rig: FaultRig): Promise<() => Promise<void>> {
  const connection = await rig.sql.reserve();
  await connection`begin`;
  await connection`lock table line_items in access exclusive mode`;
  return async () => {
    await connection`rollback`;
    connection.release();
  };
}

async function download(rig: FaultRig, path: string): Promise<Buffer> {
  const response = await fetch(`${rig.apiUrl}${path}`, {
    headers: { authorization: `Bearer ${rig.apiKey}` },
  });
  expect([path, response.status]).toEqual([path, 200]);
  return Buffer.from(await response.arrayBuffer());
}

function mount(command: string, ...args: string[]): void {
  const result = spawnSync(command, args, { encoding: 'utf8' });
  if (result.status !== 0) throw new Error(`${command} failed: ${result.stderr}`);
}
