import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { fault } from './support/fault.ts';
import type { FaultRig } from './support/fault-rig.ts';

const full = process.env.TIDELINE_FAULTS === 'full';
const shops = full ? 9 : 4;
const windowMs = full ? 45_000 : 12_000;
/** Calls a second that each shop may make: far less than the machine can do, so that only shops can be in the way. */
const rate = 3;
/** A shop's sync outlasts all windows. */
const orders = (3 * windowMs * rate) / 10 + 8_000;
const keptShare = 0.95;

fault(
  { id: 'N5', title: 'one shop hangs, then all but one: the others keep 95 % of their speed' },
  async ({ rig: start, seed }) => {
    const rig = await start({ orders, shops, seed, withoutWorker: true });
    const worker = await rig.startWorker({
      environment: { TIDELINE_REQUESTS_PER_SECOND: String(rate), TIDELINE_PARALLEL_SLICES: '24' },
    });
    const names = Array.from({ length: shops }, (_, index) => `shop-${index + 1}`);
    const runs: string[] = [];
    for (const name of names) runs.push((await rig.start(name, 'full')).run_id);
    await rig.until(async () => {
      const stored = await Promise.all(runs.map((runId) => rig.fetched(runId)));
      return stored.every((count) => count > 1_000);
    }, 'every shop is well on its way');

    const well = await answersWithin(rig, windowMs);
    await hang(rig, names.slice(-1));
    const oneHangs = await answersWithin(rig, windowMs);
    await hang(rig, names.slice(1, -1));
    const allButOneHang = await answersWithin(rig, windowMs);

    // Calls that were on their way are still answered.
    expect(sum(oneHangs, names.slice(-1))).toBeLessThan(sum(well, names.slice(-1)) / 10);
    for (const name of names) expect((await rig.run(runs[names.indexOf(name)] ?? '')).status).toBe('running');
    const others = names.slice(0, -1);
    expect(sum(oneHangs, others) / sum(well, others)).toBeGreaterThanOrEqual(keptShare);
    const alone = names.slice(0, 1);
    // A single call more or less is where the window begins and ends.
    expect((sum(allButOneHang, alone) + 1) / sum(well, alone)).toBeGreaterThanOrEqual(keptShare);

    await rig.control('DELETE', '/faults');
    worker.kill('SIGKILL');
    await rig.startWorker();
    for (const runId of runs) expect(await rig.finished(runId)).toMatchObject({ status: 'completed' });
    return {
      done: `one of ${shops} shops hangs in the midst of their full syncs, then all but one`,
      verdict: await rig.verdict(),
      note: `pages in ${windowMs / 1_000} s: ${sum(well, others)} of the others before, ${sum(oneHangs, others)} while one hangs; ${sum(well, alone)} of the last one before, ${sum(allButOneHang, alone)} while all others hang`,
    };
  },
);

async function tiktokShopIds({ sql }: FaultRig): Promise<Map<string, string>> {
  const rows = await sql<{ shopId: string; id: string }[]>`
    select shop_id as "shopId", tiktok_shop_id as id from shops`;
  return new Map(rows.map(({ shopId, id }) => [shopId, id]));
}

async function hang(rig: FaultRig, names: readonly string[]): Promise<void> {
  const ids = await tiktokShopIds(rig);
  const script = { kind: 'hang', route: 'order_search', times: null };
  await rig.disturb(...names.map((name) => ({ ...script, shop_id: ids.get(name) })));
}

/** Calls of each shop that upstream answered with orders within a time from now on. */
async function answersWithin(rig: FaultRig, ms: number): Promise<Map<string, number>> {
  const seen = (await rig.journal()).at(-1)?.seq ?? 0;
  const from = Date.now();
  await sleep(ms);
  const entries = (await rig.journal(seen)).filter(({ at, code, route, fault: met }) => {
    const time = Date.parse(at);
    return route === 'order_search' && code === 0 && met === null && time >= from && time < from + ms;
  });
  const answers = new Map<string, number>();
  for (const [name, id] of await tiktokShopIds(rig)) {
    answers.set(name, entries.filter(({ shop_id: shopId }) => shopId === id).length);
  }
  return answers;
}

function sum(answers: ReadonlyMap<string, number>, names: readonly string[]): number {
  return names.reduce((total, name) => total + (answers.get(name) ?? 0), 0);
}
