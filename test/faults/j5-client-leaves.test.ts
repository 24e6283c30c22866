import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import type { RandomSequence } from '../../simulator/random.ts';
import { fault } from './support/fault.ts';
import type { FaultRig } from './support/fault-rig.ts';
import { openFiles, residentMegabytes } from './support/resources.ts';

const streams = 60;
const lists = 60;
const downloads = 40;
const tolerance = 8;

fault(
  {
    id: 'J5',
    title: 'clients leave in the middle of event streams, lists and files: every connection comes back',
    times: { quick: 1, full: 8 },
  },
  async ({ rig: start, seed, random, times }) => {
    const rig = await start({ orders: 6_000, seed });
    expect(await rig.finished((await rig.start('shop-1', 'full')).run_id)).toMatchObject({
      status: 'completed',
    });
    await rig.settings({ latency: 400 });
    const runId = await rig.syncUntil(0.1);
    const api = rig.pidOf('api');
    const before = openFiles(api);
    const memory = [Math.round(residentMegabytes(api))];
    for (let round = 0; round < times; round += 1) {
      await leaveAll(rig, random, runId);
      await rig.until(async () => openFiles(api) <= before + tolerance, 'the API has closed what was left');
      await rig.until(async () => (await inTransaction(rig)) === 0, 'no transaction of the API is left open');
      memory.push(Math.round(residentMegabytes(api)));
    }
    expect(rig.pidOf('api')).toBe(api);
    await rig.apiIsBack();
    await rig.settings({ latency: 0 });
    expect(await rig.finished(runId)).toMatchObject({ status: 'completed', error: null });
    return {
      done: `${streams} event streams, ${lists} lists and ${downloads} files left half-way in a full sync, ${times} times`,
      verdict: await rig.verdict(),
      note: `${before} files open before, ${openFiles(api)} after; memory of the API ${memory.join(', ')} MB`,
    };
  },
);

async function leaveAll(rig: FaultRig, random: RandomSequence, runId: string): Promise<void> {
  await Promise.all([
    ...Array.from({ length: streams }, () =>
      leave(rig, `/api/v1/syncs/${runId}/events`, random.next() * 800),
    ),
    ...Array.from({ length: lists }, () =>
      leave(rig, '/api/v1/shops/shop-1/orders?limit=500&with_total=true', random.next() * 200),
    ),
    // A few at a time: more than that are refused, and there is nothing to leave.
    leaveFiles(rig, random),
  ]);
}

async function inTransaction(rig: FaultRig): Promise<number> {
  const [row] = await rig.sql<{ count: number }[]>`
    select count(*)::int from pg_stat_activity
    where application_name = 'tideline api' and state <> 'idle' and xact_start is not null`;
  return row?.count ?? 0;
}

async function leaveFiles(rig: FaultRig, random: RandomSequence): Promise<void> {
  for (let nth = 0; nth < downloads; nth++) {
    const format = nth % 2 === 0 ? 'csv' : 'xlsx';
    await leave(rig, `/api/v1/shops/shop-1/orders?format=${format}`, random.next() * 150);
  }
  await rig.until(async () => {
    const whole = await fetch(`${rig.apiUrl}/api/v1/shops/shop-1/orders?format=csv`, {
      headers: { authorization: `Bearer ${rig.apiKey}` },
    });
    await whole.arrayBuffer();
    return whole.status === 200;
  }, 'there is room for another file');
}

/** Begins a request and breaks its connection after a while, in the middle of the answer when there is one. */
async function leave(rig: FaultRig, path: string, afterMs: number): Promise<void> {
  const call = request(`${rig.apiUrl}${path}`, {
    agent: false,
    headers: { authorization: `Bearer ${rig.apiKey}` },
  });
  // Breaking it is the point.
  call.on('error', () => call.destroy());
  call.on('response', (response) => response.on('error', () => call.destroy()));
  call.end();
  await sleep(afterMs);
  call.destroy();
}
