import { expect } from 'vitest';
import { fault } from './support/fault.ts';

/** Of the writes of a page. */
const failingShare = 0.2;

fault(
  {
    id: 'B5',
    title: 'deadlocks and serialization failures in a fifth of the writes: every page is written in the end',
  },
  async ({ rig: start, seed }) => {
    const rig = await start({ orders: 5_000, seed });
    await rig.sql`create sequence failed_writes`;
    await rig.sql.unsafe(`
      create function fail_at_times() returns trigger language plpgsql as $$ begin
        if random() < ${failingShare} then
          perform nextval('tideline.failed_writes');
          if random() < 0.5 then raise exception 'injected' using errcode = '40P01'; end if;
          raise exception 'injected' using errcode = '40001';
        end if;
        return null;
      end $$;
      create trigger fail_at_times before insert on line_items for each statement execute function fail_at_times()`);
    const { run_id: runId } = await rig.start('shop-1', 'full');
    expect(await rig.finished(runId)).toMatchObject({ status: 'completed', error: null });
    const [failed] = await rig.sql<{ count: number }[]>`select last_value as count from failed_writes`;
    expect(failed?.count).toBeGreaterThan(3);
    return {
      done: `${failed?.count} deadlocks and serialization failures in a full sync of 5,000 orders`,
      verdict: await rig.verdict(),
    };
  },
);
