import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { fault } from './support/fault.ts';
import { postStart } from './support/requests.ts';

const readOnlyMs = { quick: 6_000, long: 120_000 };

for (const [length, milliseconds] of Object.entries(readOnlyMs)) {
  fault(
    {
      id: 'B4',
      title: `a database that takes no writes for ${milliseconds / 1_000} s: the run shows it, and catches up`,
      long: length === 'long',
    },
    async ({ rig: start, seed }) => {
      const rig = await start({ orders: 5_000, shops: 2, seed });
      await rig.settings({ latency: 250 });
      const runId = await rig.syncUntil(0.15);
      await rig.sql.unsafe(`alter system set default_transaction_read_only = on`);
      await rig.sql`select pg_reload_conf()`;
      const until = Date.now() + milliseconds;
      await sleep(500);
      const refused = await postStart(rig, { shopId: 'shop-2' });
      expect(refused).toMatchObject({ status: 503, headers: { 'retry-after': expect.any(String) } });
      await sleep(Math.max(0, until - Date.now()));
      const before = await rig.fetched(runId);
      expect((await rig.run(runId)).status).toBe('running');
      await rig.sql.unsafe('alter system reset default_transaction_read_only');
      await rig.sql`select pg_reload_conf()`;
      await rig.settings({ latency: 0 });
      expect(await rig.finished(runId)).toMatchObject({ status: 'completed', error: null });
      expect(await rig.fetched(runId)).toBeGreaterThan(before);
      const other = await postStart(rig, { shopId: 'shop-2' });
      expect(await rig.finished(String(other?.body.run_id))).toMatchObject({ status: 'completed' });
      return {
        done: `database read-only for ${milliseconds / 1_000} s in a full sync`,
        verdict: await rig.verdict(),
      };
    },
  );
}
