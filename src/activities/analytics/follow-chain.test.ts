import { describe, expect, it } from 'vitest';
import type { KeptPage } from '../../analytics/pages.ts';
import { openApiStreams } from '../../sources/tiktok-shop/analytics/index.ts';
import { dayOf, dollars } from '../../sources/tiktok-shop/analytics/testing/follow.ts';
import type { ActivityControl } from '../orders/dependencies.ts';
import type { AnalyticsDependencies } from './dependencies.ts';
import { DayRefused, followChain } from './follow-chain.ts';

const claim = {
  runId: 'run_1',
  shopId: 'shop-1',
  stream: 'video_details',
  date: '2026-03-01',
  attempt: 2,
} as const;
/** Whoever has all pages asks nobody. */
const nobody = {} as AnalyticsDependencies;
const control = { signal: new AbortController().signal } as ActivityControl;
const refusal = { code: 'unknown-endpoint', title: 'Unknown.', action: null, request_id: 'r1' };
const answer = JSON.parse(
  `{"performance":{"intervals":[{"sales":{"overall":{"gmv":${dollars('4.00')},"items_sold":1}}}]}}`,
);

function videos(count: number): object {
  const listed = Array.from({ length: count }, (_, nth) => ({
    ...{ id: String(nth + 1), gmv: { amount: '4.00', currency: 'USD' } },
    ...{ items_sold: 1, views: 1, sku_orders: 1 },
  }));
  return { videos: listed, next_page_token: '' };
}

function pages(...contents: unknown[][]): KeptPage[] {
  return contents.map((records, pageNumber) => ({
    ...{ pageId: pageNumber + 1, pageNumber, observedAt: new Date(), records },
  }));
}

const follow = (kept: readonly KeptPage[]) =>
  followChain(nobody, control, claim, kept, openApiStreams.video_details(dayOf()));

describe('a day of many things', () => {
  it('is what the answered ones came to, where some were refused', async () => {
    const { rows, refused } = await follow(pages([videos(3)], [{}, refusal], [answer], [{}, refusal]));
    expect(refused).toEqual([{ video_id: '1' }, { video_id: '3' }]);
    expect(rows.map(({ video_id: videoId }) => videoId)).toEqual(['2']);
  });

  it('is refused where all of them were, and says so also after it was cut off', async () => {
    const read = follow(pages([videos(2)], [{}, refusal], [{}, { ...refusal, request_id: 'r2' }]));
    await expect(read).rejects.toThrow(DayRefused);
    await expect(read).rejects.toMatchObject({ reason: refusal });
  });

  it('is given up after a hundred that were refused and none that was answered', async () => {
    const refused = Array.from({ length: 100 }, () => [{}, refusal]);
    await expect(follow(pages([videos(5_000)], ...refused))).rejects.toThrow(DayRefused);
    const last = [[videos(101)], [answer], ...refused];
    expect((await follow(pages(...last))).rows).toHaveLength(1);
  });

  it('without any is one on which nothing sold', async () => {
    expect((await follow(pages([videos(0)]))).rows).toEqual([]);
  });
});
