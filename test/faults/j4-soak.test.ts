import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { fault } from './support/fault.ts';
import type { FaultRig } from './support/fault-rig.ts';
import { openFiles, residentMegabytes, slope } from './support/resources.ts';

const parts = ['worker', 'api'] as const;
const samplesAMinute = 4;
/** Caches fill and the collector finds its pace in the first third; of less than this, a slope tells nothing. */
const judgedMinutes = 20;
const steepest = 1;
/** Connections that happen to be open or closed when the files are counted. */
const tolerance = 16;

interface Sample {
  megabytes: number;
  files: number;
}

fault(
  {
    id: 'J4',
    title:
      'half an hour of traffic, syncs, lists, files and event streams: memory and open files do not grow',
    long: true,
    // Minutes.
    times: { quick: 1, full: 30 },
  },
  async ({ rig: start, seed, times: minutes }) => {
    const rig = await start({ orders: 4_000, seed });
    expect(await rig.finished((await rig.start('shop-1', 'full')).run_id)).toMatchObject({
      status: 'completed',
    });
    await rig.settings({ traffic: 600 });
    const pids = parts.map((part) => rig.pidOf(part));
    const work = workUntilAborted(rig);
    const samples: Sample[][] = parts.map(() => []);
    for (let nth = 0; nth < minutes * samplesAMinute; nth += 1) {
      await Promise.race([sleep(60_000 / samplesAMinute), work.failed]);
      for (const [part, pid] of pids.entries())
        samples[part]?.push({ megabytes: residentMegabytes(pid), files: openFiles(pid) });
    }
    const done = await work.stop();
    expect(parts.map((part) => rig.pidOf(part))).toEqual(pids);

    const notes = parts.map((part, nth) => {
      const settled = (samples[nth] ?? []).slice(Math.ceil((minutes * samplesAMinute) / 3));
      const memory = settled.map(({ megabytes }) => megabytes);
      const files = settled.map((sample) => sample.files);
      const perMinute = slope(memory) * samplesAMinute;
      if (minutes >= judgedMinutes)
        expect(perMinute, `${part}: ${memory.map(Math.round)}`).toBeLessThan(steepest);
      expect(files.at(-1), `${part}: ${files}`).toBeLessThanOrEqual((files[0] ?? 0) + tolerance);
      const [first = 0, last = 0] = [memory[0], memory.at(-1)].map((value) => Math.round(value ?? 0));
      return `${part} ${first} to ${last} MB (${perMinute.toFixed(2)} MB a minute), ${files[0]} to ${files.at(-1)} open files`;
    });
    await rig.settings({ traffic: 0 });
    // Some of the traffic changes orders without a word, which no reading of changes can find.
    expect(await rig.finished((await rig.start('shop-1', 'full')).run_id)).toMatchObject({
      status: 'completed',
    });
    return {
      done: `${minutes} minutes of traffic with ${done.syncs} syncs and ${done.requests} requests`,
      verdict: await rig.verdict(),
      note: notes.join('; '),
    };
  },
);

/** Syncs changes, and asks for lists, sums, files and events of runs, one after the other with a pause as long as the work. */
function workUntilAborted(rig: FaultRig): {
  failed: Promise<never>;
  stop(): Promise<{ syncs: number; requests: number }>;
} {
  const done = { syncs: 0, requests: 0 };
  let stopped = false;
  const paths = [
    ...['orders?limit=200&with_total=true', 'orders/stats', 'orders?search=mug', 'orders?format=csv'],
    ...['orders?format=xlsx', 'syncs', 'kpis'],
  ].map((path) => `/api/v1/shops/shop-1/${path}`);
  const read = async (path: string): Promise<void> => {
    const response = await fetch(`${rig.apiUrl}${path}`, {
      headers: { authorization: `Bearer ${rig.apiKey}` },
    });
    await response.arrayBuffer();
    expect([path, response.status]).toEqual([path, 200]);
    done.requests += 1;
  };
  const working = (async () => {
    while (!stopped) {
      const begun = performance.now();
      const { run_id: runId } = await rig.start('shop-1', 'incremental');
      done.syncs += 1;
      await Promise.all([read(`/api/v1/syncs/${runId}/events`), ...paths.map(read)]);
      expect(await rig.finished(runId)).toMatchObject({ status: 'completed' });
      await sleep(performance.now() - begun);
    }
  })();
  const failed = working.then(() => new Promise<never>(() => undefined));
  return {
    failed,
    async stop() {
      stopped = true;
      await working;
      return done;
    },
  };
}
