import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import type { JournalEntry } from '../../simulator/control/journal.ts';
import { fault } from './support/fault.ts';
import type { FaultRig } from './support/fault-rig.ts';
import { sliceOf } from './support/verdict.ts';

/** Every answer takes this long, so that kills meet pages in flight, being written, and fetched ahead. */
const latencyMs = 400;
/** Pages that are read between two kills, roughly. */
const pagesAKill = 25;
const mostRefetchedPages = 2;

interface Kill {
  at: number;
  /** Of the journal when it happened. */
  seq: number;
}

fault(
  {
    id: 'A1',
    title: 'SIGKILL of the worker at random points of a full sync: each slice goes on at its last page',
    times: { quick: 3, full: 20 },
  },
  async ({ random, times, rig: start, seed }) => {
    const rig = await start({ orders: (times + 2) * pagesAKill * 100, seed });
    await rig.settings({ latency: latencyMs });
    const { run_id: runId } = await rig.start('shop-1', 'full');
    const kills: Kill[] = [];
    for (let nth = 0; nth < times; nth += 1) {
      await workGoesOn(rig, kills.at(-1));
      await sleep(random.next() * 3_000);
      const seq = (await rig.journal()).length;
      const at = Date.now();
      await rig.kill('worker');
      kills.push({ at, seq });
    }
    expect((await rig.run(runId)).status).toBe('running');
    await workGoesOn(rig, kills.at(-1));
    await rig.settings({ latency: 0 });
    expect(await rig.finished(runId)).toMatchObject({ run_id: runId, status: 'completed', error: null });

    const history = await rig.journal();
    const worst = mostRepeatsOfASlice(history, kills);
    expect(worst).toBeLessThanOrEqual(mostRefetchedPages);
    const waits = kills.map((kill) => secondsUntilWork(history, kill)).sort((a, b) => a - b);
    return {
      done: `worker killed ${times} times in a full sync of ${(times + 2) * pagesAKill * 100} orders`,
      verdict: await rig.verdict({ history }),
      note: `at most ${worst} pages a slice and kill; work went on after ${seconds(waits[Math.floor(waits.length / 2)])} (median), ${seconds(waits.at(-1))} (longest)`,
    };
  },
);

/** Waits until a call of history was begun after the kill, or a first one at all. */
async function workGoesOn(rig: FaultRig, kill: Kill | undefined): Promise<void> {
  await rig.until(
    async () => (await rig.journal(kill?.seq)).some((entry) => beganAfter(entry, kill?.at ?? 0)),
    'history is read',
  );
}

function beganAfter(entry: JournalEntry, time: number): boolean {
  return sliceOf(entry) !== null && Date.parse(entry.at) - entry.duration_ms > time;
}

function secondsUntilWork(history: readonly JournalEntry[], kill: Kill): number {
  const next = history.find((entry) => beganAfter(entry, kill.at));
  return next === undefined ? Number.NaN : (Date.parse(next.at) - next.duration_ms - kill.at) / 1000;
}

function seconds(value: number | undefined): string {
  return `${(value ?? Number.NaN).toFixed(1)} s`;
}

/** The most pages of one slice that were read again between two kills. */
function mostRepeatsOfASlice(history: readonly JournalEntry[], kills: readonly Kill[]): number {
  const seen = new Set<string>();
  const repeats = new Map<string, number>();
  for (const entry of history) {
    const slice = sliceOf(entry);
    if (slice === null) continue;
    const page = `${slice} ${entry.params.page_token ?? ''}`;
    if (seen.has(page)) {
      const nth = kills.filter(({ at }) => beganAfter(entry, at)).length;
      const key = `${nth} ${slice}`;
      repeats.set(key, (repeats.get(key) ?? 0) + 1);
    }
    seen.add(page);
  }
  return Math.max(0, ...repeats.values());
}
