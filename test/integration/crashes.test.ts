import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Rig, startRig } from '../../bench/support/rig.ts';
import { packageRoot } from '../../src/paths.ts';
import { findGaps } from '../../src/sync/coverage.ts';
import type { Run, StartedRun } from '../../src/sync/types.ts';

const orders = 12_000;
/** Slow enough that a sync of 120 pages lasts several seconds and every fault hits its middle. */
const requestsPerSecond = 25;

let rig: Rig;

beforeEach(async () => {
  rig = await startRig({
    simulator: ['--orders-count', String(orders), '--seed', '7', '--page-tokens', 'shifting'],
    environment: { TIDELINE_REQUESTS_PER_SECOND: String(requestsPerSecond), TIDELINE_PARALLEL_SLICES: '6' },
    report: () => undefined,
  });
  await rig.connect();
});

afterEach(async () => {
  await rig.stop();
});

function start(): Promise<StartedRun> {
  return rig.api.post<StartedRun>('/api/sync/orders/full', {});
}

async function fetched(runId: string): Promise<number> {
  const [row] = await rig.sql<{ fetched: number }[]>`
    select coalesce(sum(fetched), 0)::bigint as fetched from sync_slices where run_id = ${runId}`;
  return row?.fetched ?? 0;
}

async function until(condition: () => Promise<boolean>, what: string): Promise<void> {
  const deadline = Date.now() + 90_000;
  while (Date.now() < deadline) {
    if (await condition()) return;
    await sleep(50);
  }
  throw new Error(`Waited in vain until ${what}.`);
}

/** While PostgreSQL is down the API cannot say anything. */
async function statusOf(runId: string): Promise<Run['status'] | null> {
  try {
    return (await rig.api.get<Run>(`/api/v1/syncs/${runId}`)).status;
  } catch (error) {
    if (error instanceof Error) return null;
    throw error;
  }
}

async function finished(runId: string): Promise<Run> {
  await until(async () => {
    const status = await statusOf(runId);
    return status !== null && !['queued', 'running'].includes(status);
  }, 'the run ends');
  return rig.api.get<Run>(`/api/v1/syncs/${runId}`);
}

async function expectEverything(): Promise<void> {
  expect(await rig.differences()).toEqual([]);
  expect((await findGaps(rig.sql, 'shop-1', 'orders')).gaps).toEqual([]);
}

function pidNow(part: 'worker' | 'postgres' | 'temporal'): number | null {
  try {
    return rig.pidOf(part);
  } catch (error) {
    if (error instanceof Error) return null;
    throw error;
  }
}

describe('a full sync survives', () => {
  it('a worker that is frozen beyond its heartbeat and wakes late', async () => {
    const second = spawn(process.execPath, [join(packageRoot, 'dist/src/worker/main.js')], {
      env: rig.processEnvironment,
      stdio: 'ignore',
    });
    try {
      const { run_id: runId } = await start();
      await until(async () => (await fetched(runId)) >= orders * 0.2, 'a fifth of the orders is stored');
      const frozen = rig.pidOf('worker');
      process.kill(frozen, 'SIGSTOP');
      await sleep(9_000);
      process.kill(frozen, 'SIGCONT');
      expect(await finished(runId)).toMatchObject({ status: 'completed' });
      await sleep(1_000);
      await expectEverything();
    } finally {
      second.kill('SIGKILL');
      await once(second, 'exit');
    }
  });

  it('PostgreSQL stopped at once in its middle', async () => {
    const { run_id: runId } = await start();
    await until(async () => (await fetched(runId)) >= orders * 0.3, 'a third of the orders is stored');
    const pid = rig.pidOf('postgres');
    process.kill(pid, 'SIGQUIT');
    await until(async () => ![null, pid].includes(pidNow('postgres')), 'PostgreSQL is back');
    expect(await finished(runId)).toMatchObject({ status: 'completed' });
    await expectEverything();
  });

  it('SIGKILL of the Temporal server in its middle', async () => {
    const { run_id: runId } = await start();
    await until(async () => (await fetched(runId)) >= orders * 0.3, 'a third of the orders is stored');
    const pid = rig.pidOf('temporal');
    process.kill(pid, 'SIGKILL');
    await until(async () => ![null, pid].includes(pidNow('temporal')), 'Temporal is back');
    expect(await finished(runId)).toMatchObject({ status: 'completed' });
    await expectEverything();
  });

  it('pause, resume and SIGTERM of the worker', async () => {
    const { run_id: runId } = await start();
    await until(async () => (await fetched(runId)) >= orders * 0.2, 'a fifth of the orders is stored');
    expect(await rig.api.post<Run>(`/api/v1/syncs/${runId}/pause`, {})).toMatchObject({ status: 'paused' });
    const before = await fetched(runId);
    await sleep(1_500);
    expect(await fetched(runId)).toBe(before);
    expect(await rig.api.post<Run>(`/api/v1/syncs/${runId}/resume`, {})).toMatchObject({ status: 'running' });
    await until(async () => (await fetched(runId)) >= orders * 0.5, 'half of the orders is stored');
    process.kill(rig.pidOf('worker'), 'SIGTERM');
    expect(await finished(runId)).toMatchObject({ status: 'completed' });
    await expectEverything();
  });
});
