import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { fault } from './support/fault.ts';

const full = process.env.TIDELINE_FAULTS === 'full';
/** Every call is throttled for this long. */
const outageMs = full ? 10 * 60_000 : 20_000;

fault(
  {
    id: 'E1',
    title: '429 to every call, with and without Retry-After: ever fewer calls, no failed run, then all of it',
    long: true,
  },
  async ({ rig: start, seed }) => {
    const rig = await start({ orders: 3_000, seed });
    await rig.settings({ latency: 100 });
    const notes: string[] = [];
    for (const retryAfter of [null, '2']) {
      const runId = await rig.syncUntil(0.2);
      const before = (await rig.journal()).at(-1)?.seq ?? 0;
      const begun = Date.now();
      await rig.disturb({
        ...{ kind: 'throttle', route: 'order_search', times: null },
        ...(retryAfter === null ? {} : { retry_after: retryAfter }),
      });
      await sleep(outageMs);
      expect((await rig.run(runId)).status).toBe('running');
      const refused = (await rig.journal(before)).filter(({ code }) => code === 36009002);
      await rig.control('DELETE', '/faults');
      // The pauses double from a second up to a minute; each ends with the few calls that fit into one answer's time.
      const pauses = pausesOf(refused.map(({ at }) => Date.parse(at)));
      const most = retryAfter === null ? 1 : 2;
      expect(pauses.length).toBeLessThanOrEqual(Math.ceil(outageMs / 60_000) + 6);
      expect(pauses[0]).toBeGreaterThanOrEqual(most * 1_000 - 100);
      for (const [index, pause] of pauses.entries()) {
        expect(pause).toBeGreaterThanOrEqual(Math.min(60_000, 1_000 * 2 ** index) - 100);
      }
      expect(await rig.finished(runId)).toMatchObject({ status: 'completed', error: null });
      notes.push(
        `${retryAfter === null ? 'without' : 'with'} Retry-After ${refused.length} calls in ${Math.round((Date.now() - begun) / 1000)} s, pauses of ${pauses.map((ms) => (ms / 1000).toFixed(2)).join(', ')} s`,
      );
    }
    return {
      done: `every call throttled for ${outageMs / 1000} s in the midst of a full sync, twice`,
      verdict: await rig.verdict(),
      note: notes.join('; '),
    };
  },
);

/** Milliseconds between the groups of calls that lie less than half a second apart. */
function pausesOf(times: readonly number[]): number[] {
  const between = times.slice(1).map((time, index) => time - (times[index] ?? time));
  return between.filter((ms) => ms > 500);
}
