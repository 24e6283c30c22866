import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { offer } from './support/conversions.ts';
import { fault } from './support/fault.ts';
import { postStart } from './support/requests.ts';

const volumeSize = '600m';
const fullMs = 5_000;

function lacksMounts(): string | null {
  if (process.getuid?.() !== 0) return 'a volume of its own needs root';
  const trial = spawnSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']);
  return trial.status === 0 ? null : 'this machine does not let us mount a volume';
}

fault(
  {
    id: 'J1',
    title:
      'the disk is full in a full sync: nothing is promised that is not stored, and it goes on once there is space',
    // A volume of its own fills the memory of a small machine.
    long: true,
    lacks: lacksMounts,
  },
  async ({ rig: start, seed, cleanUp }) => {
    const volume = mkdtempSync(join(tmpdir(), 'tideline-volume-'));
    mount('mount', '-t', 'tmpfs', '-o', `size=${volumeSize},mode=1777`, 'tmpfs', volume);
    cleanUp(() => {
      mount('umount', volume);
      rmSync(volume, { recursive: true });
    });
    const before = process.env.TMPDIR;
    process.env.TMPDIR = volume;
    cleanUp(() => {
      if (before === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = before;
    });
    // The whole installation lies on the volume: database, Temporal's file and the logs.
    const rig = await start({ orders: 20_000, shops: 2, seed });
    await rig.settings({ latency: 200 });
    const runId = await rig.syncUntil(0.02);
    const ballast = join(volume, 'ballast');
    fillUp(ballast);
    await sleep(fullMs);
    const promised = await postStart(rig, { shopId: 'shop-2' }).catch(() => null);
    const events = await offer(rig, 'full', 50);
    rmSync(ballast);
    await rig.apiIsBack();
    if (promised?.status === 202) {
      expect(
        await rig.sql`select 1 from sync_runs where run_id = ${String(promised.body.run_id)}`,
      ).toHaveLength(1);
    } else {
      expect([null, 503], JSON.stringify(promised?.body)).toContain(promised?.status ?? null);
    }
    await rig.until(async () => rig.ready(), 'the installation is well again');
    await rig.settings({ latency: 0 });
    expect(await rig.finished(runId)).toMatchObject({ run_id: runId, status: 'completed', error: null });
    const again = await offer(rig, 'full', 50);
    expect(again).toHaveLength(50);
    const [kept] = await rig.sql<{ events: number; earlier: number }[]>`
      select count(*) as events, count(*) filter (where event_id = any(${events ?? []})) as earlier
      from conversion_events`;
    expect(kept).toEqual({ events: 50, earlier: events?.length ?? 0 });
    const other = await postStart(rig, { shopId: 'shop-2' });
    expect(await rig.finished(String(other?.body.run_id))).toMatchObject({ status: 'completed' });
    return {
      done: `disk full for ${fullMs / 1_000} s in a full sync`,
      verdict: await rig.verdict(),
      note: `meanwhile a start: ${promised?.status ?? 'no answer'}, 50 events: ${events === null ? 'refused' : 'accepted'}`,
    };
  },
);

function mount(command: string, ...args: string[]): void {
  const result = spawnSync(command, args, { encoding: 'utf8' });
  if (result.status !== 0) throw new Error(`${command} failed: ${result.stderr}`);
}

/** Writes until not a byte is left. */
function fillUp(path: string): void {
  const file = openSync(path, 'w');
  try {
    for (let size = 1 << 20; size > 0; ) {
      try {
        writeSync(file, Buffer.alloc(size));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
        size >>= 1;
      }
    }
  } finally {
    closeSync(file);
  }
}
