import { expect } from 'vitest';
import {
  analyticsDifferences,
  analyticsVerdict,
  backfill,
  everyStream,
  readyDays,
  tiktokShopId,
} from './support/analytics.ts';
import { fault } from './support/fault.ts';

/** Made of every sale, whichever way it came. */
const ofAllSales = ['shop', 'hourly', 'products', 'skus'];
/** The sales of the shop show in all of them; rankings are of the market. */
const streams = everyStream.filter((stream) => stream !== 'bestsellers');

interface Restatement {
  stream: string;
  date: string;
  field: string;
  old: string | null;
  new: string | null;
}

fault(
  {
    id: 'H6',
    title: 'TikTok restates a day: the next reading brings it up to date, and keeps what it said before',
  },
  async ({ rig: start, seed }) => {
    const rig = await start({ orders: 1_500, seed, simulator: ['--products', '60', '--history-days', '24'] });
    const days = await readyDays(rig, 3);
    const [first = ''] = days;
    expect(await backfill(rig, { streams, days })).toMatchObject({ status: 'completed' });
    expect(await analyticsDifferences(rig, { streams, days })).toEqual([]);
    const [before] = await rig.sql<{ gmv: string }[]>`
      select gmv::text as gmv from analytics_shop where date = ${first}::text::date`;

    const path = `/shops/${await tiktokShopId(rig)}/analytics/restatements`;
    const restated = await rig.control<{ ids: string[] }>('POST', path, {
      date: first,
      kind: 'withdraw',
      count: 12,
    });
    expect(restated.ids.length).toBeGreaterThan(0);
    const differences = await analyticsDifferences(rig, { streams, days });
    const different = new Set(differences.map(({ stream }) => stream));
    expect([...different]).toEqual(expect.arrayContaining(ofAllSales));

    const again = await backfill(rig, { streams, days });
    expect(again.status).toBe('completed');
    // A sale that is withdrawn takes its refund with it, which may be of a later day.
    const restatedDays = again.days.filter(({ status }) => status === 'restated');
    const changed = new Set(restatedDays.map(({ stream, date }) => `${stream} ${date}`));
    for (const { stream, date } of differences) expect(changed).toContain(`${stream} ${date}`);
    expect(again.days.filter(({ status, written }) => status !== 'restated' && written > 0)).toEqual([]);
    expect(await analyticsDifferences(rig, { streams, days })).toEqual([]);

    const [after] = await rig.sql<{ gmv: string }[]>`
      select gmv::text as gmv from analytics_shop where date = ${first}::text::date`;
    const kept = await rig.sql<Restatement[]>`
      select stream, date::text as date, field, old::text as old, new::text as new from analytics_restatements`;
    expect(after?.gmv).not.toBe(before?.gmv);
    expect(kept).toContainEqual({
      stream: 'shop',
      date: first,
      field: 'gmv',
      old: before?.gmv,
      new: after?.gmv,
    });
    expect(new Set(kept.map(({ stream, date }) => `${stream} ${date}`))).toEqual(changed);

    const third = await backfill(rig, { streams, days });
    expect(third).toMatchObject({ status: 'completed', counts: { written: 0 } });
    return {
      done: `a day of ${different.size} streams restated, ${kept.length} figures kept as they were`,
      verdict: await analyticsVerdict(rig, { streams, days }),
    };
  },
);
