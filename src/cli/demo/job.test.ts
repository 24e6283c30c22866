import { expect, test } from 'vitest';
import type { Run } from '../../sync/types.ts';
import { createProgress } from '../progress.ts';
import type { ApiClient } from './api-client.ts';
import { type JobParts, runJob } from './job.ts';
import { renderSummary, succeeded, summaryJson } from './summary.ts';

function runOf(runId: string, status: Run['status']): Run {
  return {
    run_id: runId,
    shop_id: runId.slice(4),
    stream: 'orders',
    mode: 'full',
    status,
    started_at: '2026-11-21T10:00:00Z',
    finished_at: status === 'completed' ? '2026-11-21T10:00:10Z' : null,
    window: null,
    progress: { orders_done: 155_848, orders_expected: 155_848, percent: 100, rate_per_s: 3_000, eta_s: 0 },
    counts: {
      fetched: 155_848,
      written: 155_848,
      unchanged: 0,
      quarantined: 0,
      api_calls: 1_600,
      throttled: 0,
    },
    error:
      status === 'failed' ? { code: 'x', title: 'The grant is dead', action: null, request_id: null } : null,
    workflow_id: 'orderSync/shop-1',
    temporal_ui_url: null,
  };
}

interface World {
  status?: Run['status'];
  equal?: boolean;
  gaps?: number;
  shops?: number;
  /** Whether stored products are the simulator's. */
  products?: boolean;
  /** Whether stored figures of analytics are the simulator's. */
  figures?: boolean;
  /** What the platforms have counted differs from what is said of deliveries. */
  lies?: string[];
}

function world(state: World) {
  const { status = 'completed', equal = true, figures = true, gaps = 0, shops = 2, lies = [] } = state;
  const { products = true } = state;
  const steps: string[] = [];
  const shopList = Array.from({ length: shops }, (_, nth) => ({
    id: `shop-${nth + 1}`,
    tiktok_shop_id: `77${nth + 1}`,
  }));
  const api: ApiClient = {
    get: async <Answer>(path: string) => {
      if (path.startsWith('/api/v1/shops?')) return { data: shopList } as Answer;
      if (path.startsWith('/api/v1/syncs/')) return runOf(path.split('/').at(-1) ?? '', status) as Answer;
      const by_day = [
        { date: '2017-12-24', orders: 645, gmv: '20142.69' },
        { date: '2017-12-25', orders: 1, gmv: '1.00' },
      ];
      return { total_orders: 155_848, gmv: '4596039.58', currency: 'USD', by_day } as Answer;
    },
    post: async <Answer>(path: string, body: unknown) => {
      const { shop_id: shopId = path.split('/').at(-2), stream } = body as {
        shop_id?: string;
        stream?: string;
      };
      steps.push(`${path} ${stream ?? shopId}`);
      return { run_id: `run_${shopId}` } as Answer;
    },
    put: async () => {
      throw new Error('A demo has no use for it.');
    },
    patch: async <Answer>(path: string, body: unknown) => {
      steps.push(`${path} ${JSON.stringify(body)}`);
      return null as Answer;
    },
    delete: async () => {
      throw new Error('A demo deletes nothing.');
    },
  };
  const parts: JobParts = {
    api,
    simulator: {
      change: async (shopId, changes) => {
        steps.push(`change ${shopId} ${Object.values(changes).reduce((sum, count) => sum + count)}`);
        return Object.values(changes).flatMap((count) =>
          Array.from({ length: count }, () => `${shopId}-order`),
        );
      },
      setTraffic: async () => undefined,
      platformCredentials: async () => {
        throw new Error('The platforms are known before the job begins.');
      },
      platforms: {
        loseAnswer: async () => undefined,
        refuse: async () => undefined,
        setToken: async () => undefined,
      },
    },
    connect: async () => void steps.push('connect'),
    verify: async (ids) => {
      steps.push(`verify ${ids.join(' ')}`);
      return { equal, differences: equal ? [] : ['NOT equal: shop 771'] };
    },
    verifyProducts: async (ids) => {
      steps.push(`verify products ${ids.join(' ')}`);
      return { equal: products, differences: products ? [] : ['NOT equal: products of shop 771'] };
    },
    verifyAnalytics: async (ids) => {
      steps.push(`verify figures ${ids.join(' ')}`);
      return { equal: figures, differences: figures ? [] : ['gmv of 2026-11-20 differs'] };
    },
    sendConversions: async () => {
      steps.push('conversions');
      return {
        ...{ accepted: 177, duplicates: 10, sentAgain: 120 },
        reasons: [{ status: 'FAILED', reason: '40002: Refused on purpose', deliveries: 1 }],
        pause: { destination: 'meta', reason: 'Meta answered 190.', waited: 50 },
        comparison: {
          equal: lies.length === 0,
          destinations: [{ destination: 'tiktok', statuses: { DELIVERED: 1_169, FAILED: 1 } }],
          counted: 1_169,
          differences: lies,
        },
      };
    },
    prove: async (ids) => ids.map((shop_id) => ({ shop_id, gaps, watermark: '2026-11-21T11:00:00.000Z' })),
    display: createProgress({ output: { write: () => undefined }, environment: {}, unit: 'orders' }),
    analyticsDisplay: createProgress({ output: { write: () => undefined }, environment: {}, unit: 'days' }),
    report: () => undefined,
    signal: new AbortController().signal,
  };
  return { parts, steps };
}

const options = { shops: 2, changes: 101, allCompleted: true, timeZone: 'UTC', settleMs: 0 };

test('the job connects, syncs, verifies, changes, syncs and verifies again', async () => {
  const { parts, steps } = world({});
  const result = await runJob(parts, options);
  expect(steps).toEqual([
    'connect',
    '/api/v1/shops/shop-1 {"time_zone":"UTC"}',
    '/api/v1/shops/shop-2 {"time_zone":"UTC"}',
    '/api/sync/orders/full shop-1',
    '/api/sync/orders/full shop-2',
    'verify 771 772',
    'change 771 51',
    'change 772 50',
    '/api/sync/orders shop-1',
    '/api/sync/orders shop-2',
    'verify 771 772',
    '/api/v1/shops/shop-1/syncs products',
    '/api/v1/shops/shop-2/syncs products',
    'verify products 771 772',
    '/api/v1/shops/shop-1/syncs analytics',
    '/api/v1/shops/shop-2/syncs analytics',
    'verify figures 771 772',
    'conversions',
  ]);
  expect(succeeded(result)).toBe(true);
  expect(result.changes).toEqual({ made: 101, orders: 2 });
  const summary = renderSummary(result);
  expect(summary).toContain('shop-1  155,848  4,596,039.58  USD');
  expect(summary).toContain('on 2 days from 2017-12-24 to 2017-12-25; busiest 2017-12-24 645 (20,142.69)');
  expect(summary).toContain('the ledger of what was read has no gap');
  expect(summary).toContain('yes: ids, versions, cents');
  expect(summary).toContain('yes: every title, price and stock');
  expect(summary).toContain('yes: every figure, to the cent');
  expect(summary).toMatch(/tiktok +1,169 +1 +0/);
  expect(summary).toContain(
    'meta was paused while 50 deliveries waited, which went out once it was resumed: Meta answered 190.',
  );
  expect(summary).toContain('The platforms have counted 1,169');
  expect(summaryJson(result)).toMatchObject({ succeeded: true, full: { api_calls: 3_200, equal: true } });
});

test.each<[string, World, string]>([
  ['differences', { equal: false }, 'NOT equal: shop 771'],
  ['wrong products', { products: false }, 'NOT equal: products of shop 771'],
  ['wrong figures', { figures: false }, 'gmv of 2026-11-20 differs'],
  ['false deliveries', { lies: ['2 counted twice: a, b'] }, '2 counted twice: a, b'],
  ['gaps', { gaps: 3 }, 'the ledger has 3 gaps'],
  ['failed runs', { status: 'failed' }, 'FAILED: run_shop-1 of shop-1 ended as failed: The grant is dead'],
])('%s make the demo fail and are told', async (_, state, told) => {
  const result = await runJob(world(state).parts, options);
  expect(succeeded(result)).toBe(false);
  expect(renderSummary(result)).toContain(told);
});

test('a shop that did not connect ends the demo', async () => {
  await expect(runJob(world({ shops: 1 }).parts, options)).rejects.toThrow(
    '2 shops were offered by the simulator and 1 are connected',
  );
});
