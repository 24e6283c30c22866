import { expect } from 'vitest';
import { fault } from './support/fault.ts';
import type { FaultRig } from './support/fault-rig.ts';

const programs = ['tideline worker', 'tideline api'];
const anyDays = 'start_date=2026-01-01&end_date=2026-12-31&with_total=true';

fault(
  {
    id: 'B1',
    title:
      'connections are cut in the middle of transactions of worker and API: neither process ends, nothing is torn',
    times: { quick: 12, full: 100 },
  },
  async ({ rig: start, times, seed }) => {
    const rig = await start({ orders: 4_000 + times * 100, seed });
    const pids = [rig.pidOf('worker'), rig.pidOf('api')];
    await rig.settings({ latency: 100 });
    const runId = await rig.syncUntil(0.05);
    const enough = new AbortController();
    const asking = Array.from({ length: 4 }, () => keepAsking(rig, enough.signal));
    const cut = new Map(programs.map((name) => [name, 0]));
    await rig.until(
      async () => {
        for (const name of await cutTransactions(rig)) cut.set(name, (cut.get(name) ?? 0) + 1);
        const counts = [...cut.values()];
        return counts.every((count) => count > 0) && counts.reduce((sum, count) => sum + count, 0) >= times;
      },
      `${times} transactions of ${programs.join(' and ')} are cut`,
    );
    enough.abort();
    await Promise.all(asking);
    await rig.settings({ latency: 0 });
    expect(await rig.finished(runId)).toMatchObject({ status: 'completed', error: null });
    expect([rig.pidOf('worker'), rig.pidOf('api')]).toEqual(pids);
    return {
      done: `${[...cut.values()].join(' and ')} transactions of worker and API cut in a full sync`,
      verdict: await rig.verdict({ history: await rig.journal() }),
    };
  },
);

/** @returns the program of each transaction that was cut, between two statements where there is one */
async function cutTransactions({ sql }: FaultRig): Promise<string[]> {
  const rows = await sql<{ name: string }[]>`
    select application_name as name from (
      select distinct on (application_name) pid, application_name from pg_stat_activity
      where application_name = any(${programs}) and xact_start is not null and state like 'idle in transaction%'
      order by application_name, xact_start) held
    where pg_terminate_backend(pid)`;
  return rows.map(({ name }) => name);
}

/** Lets the API read lists in transactions, some of which are cut: their answer is an error, and not the process's end. */
async function keepAsking(rig: FaultRig, until: AbortSignal): Promise<void> {
  while (!until.aborted) {
    const answer = await fetch(`${rig.apiUrl}/api/v1/shops/shop-1/analytics/products?${anyDays}`, {
      headers: { authorization: `Bearer ${rig.apiKey}` },
    });
    await answer.arrayBuffer();
    expect([200, 500, 503]).toContain(answer.status);
  }
}
