import { expect } from 'vitest';
import type { StartedRun } from '../../src/sync/types.ts';
import { createCaller, syncEveryShop } from './support/caller.ts';
import { fault } from './support/fault.ts';

const path = '/api/v1/shops/shop-1/syncs';

fault(
  {
    id: 'K11',
    title: 'an Idempotency-Key with the same body, another body, in parallel, and after a crash: one effect',
  },
  async ({ rig: start, seed }) => {
    const rig = await start({ orders: 300, seed });
    await syncEveryShop(rig);
    const caller = await createCaller(rig);
    const post = (idempotencyKey: string, body: object) =>
      caller.ask(path, { method: 'POST', body, headers: { 'idempotency-key': idempotencyKey } });
    const runs = async () =>
      (await rig.sql<{ id: string }[]>`select run_id as id from sync_runs`).map(({ id }) => id);
    const full = { stream: 'orders', mode: 'full' };

    const before = (await runs()).length;
    const first = (await (await post('same', full)).json()) as StartedRun;
    await rig.finished(first.run_id);
    const again = await post('same', full);
    expect([again.status, again.headers.get('idempotent-replay')]).toEqual([202, 'true']);
    expect(await again.json()).toEqual(first);
    expect((await post('same', { stream: 'orders', mode: 'incremental' })).status).toBe(422);
    expect((await runs()).length).toBe(before + 1);

    const answers = await Promise.all(Array.from({ length: 20 }, () => post('parallel', full)));
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => ![202, 409].includes(status))).toEqual([]);
    expect(statuses).toContain(202);
    const bodies = await Promise.all(
      answers.filter(({ status }) => status === 202).map(async (one) => (await one.json()) as StartedRun),
    );
    expect(new Set(bodies.map(({ run_id }) => run_id)).size).toBe(1);
    await rig.finished(bodies[0]?.run_id ?? '');
    expect((await runs()).length).toBe(before + 2);

    const lost = post('crash', full).catch(() => null);
    await rig.kill('api');
    await lost;
    await rig.until(async () => {
      const ready = await fetch(`${rig.apiUrl}/health/ready`).catch(() => null);
      return ready?.status === 200;
    }, 'the API is back');
    // What the dead process held is given back after two minutes; nobody has to wait for them here.
    await rig.sql`
      update idempotency_keys set created_at = created_at - interval '3 minutes' where status is null`;
    const repeated = await post('crash', full);
    expect(repeated.status).toBe(202);
    await rig.finished(((await repeated.json()) as StartedRun).run_id);
    expect(await rig.sql`select 1 from sync_runs where status in ('queued', 'running')`).toHaveLength(0);
    expect((await runs()).length).toBe(before + 3);
    return { done: '3 requests sent 24 times, the API killed in one', verdict: await rig.verdict() };
  },
);
