import { expect } from 'vitest';
import { fault } from './support/fault.ts';

fault(
  { id: 'B2', title: 'PostgreSQL stops between two tables of one page: no half order is ever seen' },
  async ({ rig: start, seed }) => {
    const rig = await start({ orders: 4_000, seed });
    // The page's orders are written, its lines are not yet: there the server sleeps, once.
    await rig.sql`create sequence torn_pages`;
    await rig.sql.unsafe(`
      create function tear() returns trigger language plpgsql as $$ begin
        if nextval('tideline.torn_pages') = 4 then perform pg_sleep(30); end if;
        return null;
      end $$;
      create trigger tear before insert on line_items for each statement execute function tear()`);
    const { run_id: runId } = await rig.start('shop-1', 'full');
    await rig.until(async () => (await sleeping()) > 0, 'a page is half written');
    const [before] = await rig.sql<{ orders: number }[]>`select count(*) as orders from orders`;
    await rig.kill('postgres', 'SIGQUIT');
    await rig.apiIsBack();
    expect(await halfOrders()).toBe(0);
    expect(await rig.finished(runId)).toMatchObject({ status: 'completed', error: null });
    expect(await halfOrders()).toBe(0);
    return {
      done: `PostgreSQL stopped at once between orders and lines of a page, ${before?.orders} orders stored before`,
      verdict: await rig.verdict(),
    };

    async function sleeping(): Promise<number> {
      const [row] = await rig.sql<{ count: number }[]>`
        select count(*) from pg_stat_activity where wait_event = 'PgSleep'`;
      return row?.count ?? 0;
    }

    async function halfOrders(): Promise<number> {
      const [row] = await rig.sql<{ count: number }[]>`
        select count(*) from orders o where not exists (
          select from line_items l where l.shop_id = o.shop_id and l.order_id = o.order_id)`;
      return row?.count ?? -1;
    }
  },
);
