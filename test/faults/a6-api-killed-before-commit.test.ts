import { expect } from 'vitest';
import { fault } from './support/fault.ts';
import { postStart } from './support/requests.ts';

fault(
  {
    id: 'A6',
    title: 'SIGKILL of the API before a start is stored: nothing was promised, the repeat does it',
  },
  async ({ rig: start, seed }) => {
    const rig = await start({ orders: 1_500, seed });
    const blocked = await rig.sql.reserve();
    try {
      await blocked`begin`;
      await blocked`select 1 from shops for update`;
      const lost = postStart(rig, {});
      await rig.until(async () => (await waiting()) > 0, 'the request waits for the shop');
      await rig.kill('api');
      expect(await lost).toBeNull();
    } finally {
      await blocked`rollback`;
      blocked.release();
    }
    await rig.apiIsBack();
    expect(await rig.sql`select 1 from sync_runs`).toHaveLength(0);

    const again = await postStart(rig, {});
    expect(again).toMatchObject({ status: 202, body: { already_running: false } });
    expect(await rig.finished(String(again?.body.run_id))).toMatchObject({ status: 'completed' });
    return { done: 'API killed before it stored a start, start repeated', verdict: await rig.verdict() };

    async function waiting(): Promise<number> {
      const [row] = await rig.sql<{ count: number }[]>`
        select count(*) from pg_stat_activity
        where application_name = 'tideline api' and wait_event_type = 'Lock'`;
      return row?.count ?? 0;
    }
  },
);
