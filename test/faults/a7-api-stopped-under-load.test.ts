import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { fault } from './support/fault.ts';
import type { FaultRig } from './support/fault-rig.ts';
import { ask, postStart } from './support/requests.ts';

const callers = 8;

fault(
  {
    id: 'A7',
    title: 'SIGTERM of the API under load: what was accepted is answered, the rest is refused at the door',
  },
  async ({ rig: start, seed }) => {
    const rig = await start({ orders: 1_500, shops: 3, seed });
    const load = startLoad(rig);
    // Three requests that are in the middle of their work when the signal comes.
    const blocker = await rig.sql.reserve();
    await blocker`begin`;
    await blocker`select 1 from shops for update`;
    const started = ['shop-1', 'shop-2', 'shop-3'].map((shopId) => postStart(rig, { shopId }));
    await rig.until(async () => (await waiting(rig)) === started.length, 'three requests are at work');
    const pid = rig.signal('api', 'SIGTERM');
    await sleep(700);
    await blocker`rollback`;
    blocker.release();
    const runs = await Promise.all(started);
    for (const answer of runs) expect(answer?.status).toBe(202);
    await rig.until(async () => rig.isReplaced('api', pid), 'another API is there');
    await rig.apiIsBack();
    const { answered, refused, reset, wrong } = await load.stop();
    expect(wrong).toEqual([]);
    // Those whose connection the kernel had taken, but not yet the process, which closed its door: none was begun.
    const log = readFileSync(join(rig.dataDirectory, 'data', 'logs', 'api.log'), 'utf8');
    expect(log).toContain('load-caller-0-');
    expect(reset.filter((id) => log.includes(`"${id}"`))).toEqual([]);
    expect(answered).toBeGreaterThan(callers);
    for (const answer of runs) {
      expect(await rig.finished(String(answer?.body.run_id))).toMatchObject({ status: 'completed' });
    }
    return {
      done: `API told to stop with ${callers} callers and three starts at work`,
      verdict: await rig.verdict(),
      note: `${answered} requests answered, ${refused + reset.length} refused while it was away, none broken off`,
    };
  },
);

async function waiting(rig: FaultRig): Promise<number> {
  const [row] = await rig.sql<{ count: number }[]>`
    select count(*) from pg_stat_activity
    where application_name = 'tideline api' and wait_event_type = 'Lock'`;
  return row?.count ?? 0;
}

/** Callers that ask again and again, each time on a new connection. */
function startLoad(rig: FaultRig) {
  const counts = { answered: 0, refused: 0, reset: [] as string[], wrong: [] as string[] };
  let stopped = false;
  const caller = async (_: unknown, name: number): Promise<void> => {
    for (let nth = 0; !stopped; nth += 1) {
      const id = `load-caller-${name}-${nth}`;
      try {
        const path = '/api/v1/shops/shop-1/orders?limit=1';
        const { status } = await ask(rig, path, { headers: { 'x-request-id': id } });
        if (status === 200) counts.answered += 1;
        else counts.wrong.push(`${id}: ${status}`);
      } catch (error) {
        const { code, message } = error as NodeJS.ErrnoException;
        if (code === 'ECONNRESET') counts.reset.push(id);
        else if (code === 'ECONNREFUSED') counts.refused += 1;
        else counts.wrong.push(`${id}: ${message}`);
        await sleep(50);
      }
    }
  };
  const all = Promise.all(Array.from({ length: callers }, caller));
  return {
    async stop() {
      stopped = true;
      await all;
      return counts;
    },
  };
}
