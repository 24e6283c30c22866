import { expect } from 'vitest';
import {
  analyticsDifferences,
  analyticsVerdict,
  backfill,
  readyDays,
  tiktokShopId,
} from './support/analytics.ts';
import { fault } from './support/fault.ts';

const streams = ['shop', 'hourly', 'products', 'skus'];

interface Restatement {
  stream: string;
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
    const rig = await start({ orders: 3_000, seed, simulator: ['--products', '150'] });
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
      count: 1,
    });
    expect(restated.ids).toHaveLength(1);
    expect(await analyticsDifferences(rig, { streams, days })).not.toEqual([]);

    const again = await backfill(rig, { streams, days });
    expect(again.status).toBe('completed');
    expect(again.days.filter(({ status }) => status === 'restated').map(({ date }) => date)).toEqual(
      streams.map(() => first),
    );
    expect(again.days.filter(({ date }) => date !== first).map(({ written }) => written)).toEqual(
      Array.from({ length: streams.length * 2 }, () => 0),
    );
    expect(await analyticsDifferences(rig, { streams, days })).toEqual([]);

    const [after] = await rig.sql<{ gmv: string }[]>`
      select gmv::text as gmv from analytics_shop where date = ${first}::text::date`;
    const kept = await rig.sql<Restatement[]>`
      select stream, field, old::text as old, new::text as new from analytics_restatements where date = ${first}::text::date`;
    expect(after?.gmv).not.toBe(before?.gmv);
    expect(kept).toContainEqual({ stream: 'shop', field: 'gmv', old: before?.gmv, new: after?.gmv });
    expect(new Set(kept.map(({ stream }) => stream))).toEqual(new Set(streams));

    const third = await backfill(rig, { streams, days });
    expect(third).toMatchObject({ status: 'completed', counts: { written: 0 } });
    return {
      done: `a day of ${streams.length} streams restated, ${kept.length} figures kept as they were`,
      verdict: await analyticsVerdict(rig, { streams, days }),
    };
  },
);
